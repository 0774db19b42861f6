import type { Decoded } from './frame.ts';
import { knownOptions, oneOf, optionError } from './options.ts';
import type { PayloadType } from './payload-type.ts';
import type { Validated } from './validate.ts';

/** The rows of a payload type matrix, by name. */
export type PayloadTypeRecord = Readonly<Record<string, PayloadType<unknown>>>;

/** What `decode` does with a JSON payload of a type that the matrix does not have. */
export type UnknownPolicy = 'reject' | 'pass';

/** Where the name of a JSON payload's type stands: a member of the top-level object, a path of members, or a function. */
export type TypeLocation = string | readonly string[] | ((value: unknown) => string | undefined);

/** Options of {@link definePayloadTypes}. */
export interface PayloadTypesOptions<Unknown extends UnknownPolicy = UnknownPolicy> {
  /**
   * Where the name of the type stands: the name of a top-level member (`'type'`), the path to a member deeper down
   * (`['header', 'kind']`), or a function from the parsed value to the name.
   * @defaultValue `'type'`
   */
  readonly type?: TypeLocation;
  /**
   * What becomes of a payload whose type is not in the matrix: rejected, or passed on with payload type `unknown` and
   * no schema. It is never held against the schema of another type.
   * @defaultValue `'reject'`
   */
  readonly unknown?: Unknown;
}

/** **The payload type matrix**: for each type how to recognise it, what it looks like, and its rules. */
export interface PayloadTypes<
  Types extends PayloadTypeRecord = PayloadTypeRecord,
  Unknown extends UnknownPolicy = UnknownPolicy,
> {
  /** The rows, to build another matrix from: `definePayloadTypes({ ...types.rows, more })`. */
  readonly rows: Types;
  readonly unknown: Unknown;
  /** The path of members to the type's name; `undefined` where a function finds it. */
  readonly typePath: readonly string[] | undefined;
  /** The name of the type of a parsed JSON payload, as the payload says it. */
  nameOf(value: unknown): string | undefined;
  /** The JSON type of that name. */
  jsonType(name: string): PayloadType<unknown> | undefined;
  /** The name of the binary type that these bytes are of: the first in the matrix that recognises them. */
  binaryNameOf(bytes: Uint8Array): string | undefined;
}

/** The frames that `decode(types)` lets through, one member for each payload type. */
export type DecodedFrame<Types extends PayloadTypes> =
  Types extends PayloadTypes<infer Rows, infer Unknown>
    ? | { [Name in keyof Rows & string]: Decoded<Name, RowData<Rows[Name]>> }[keyof Rows & string]
      | ('pass' extends Unknown ? Decoded<'unknown', unknown> : never)
    : never;

/**
 * **A frame that has passed `decode` and `validate`**: a union over `payloadType`, so that comparing it narrows
 * `decodedData`.
 *
 * ```ts
 * type Frame = ParsedFrame<typeof genesysTypes>;
 * ```
 */
export type ParsedFrame<Types extends PayloadTypes> = Validated<DecodedFrame<Types>>;

type BinaryType = readonly [name: string, row: PayloadType<Uint8Array>];

type RowData<Row> = Row extends PayloadType<infer Data> ? Data : never;

/**
 * **Defines the payload types of a feed.** All schemas are compiled here, so what is wrong with one shows at once.
 *
 * ```ts
 * const types = definePayloadTypes({
 *   'order.created': jsonType({ type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }),
 *   picture: binaryType({ firstByte: 0xff }),
 * });
 * ```
 *
 * The name of a row is what the payload's type member says. A type added, or one with another version of its schema:
 * `definePayloadTypes({ ...genesysTypes.rows, 'order.created': jsonType(…) })`.
 *
 * @throws TypeError at the call, where a schema is not valid, a row is none, or there is no row
 */
export function definePayloadTypes<const Rows extends PayloadTypeRecord, Unknown extends UnknownPolicy = 'reject'>(
  rows: Rows,
  options: PayloadTypesOptions<Unknown> = {},
): PayloadTypes<Rows, Unknown> {
  knownOptions('definePayloadTypes', options, ['type', 'unknown']);
  const location = checkedLocation(options.type ?? 'type');
  const unknown = oneOf('definePayloadTypes: unknown', ['reject', 'pass'], options.unknown ?? 'reject') as Unknown;
  if (typeof rows !== 'object' || (rows as unknown) === null) {
    throw optionError('definePayloadTypes: rows', 'an object', rows, true);
  }
  if (Object.keys(rows).length === 0)
    throw new TypeError('definePayloadTypes: there must be at least one payload type');

  const jsonTypes = new Map<string, PayloadType<unknown>>();
  const binaryTypes: BinaryType[] = [];
  for (const [name, row] of Object.entries(rows)) {
    checkRow(name, row);
    if (row.format === 'json') jsonTypes.set(name, row);
    else binaryTypes.push([name, row]);
  }
  const typePath = typeof location === 'function' ? undefined : location;

  return {
    rows,
    unknown,
    typePath,
    nameOf: (value) => stringOrUndefined(typeof location === 'function' ? location(value) : memberAt(value, location)),
    jsonType: (name) => jsonTypes.get(name),
    binaryNameOf: binaryNames(binaryTypes),
  };
}

/** Asks only the types whose first byte it may be, so that many types cost no more than a few. */
function binaryNames(types: readonly BinaryType[]): (bytes: Uint8Array) => string | undefined {
  const candidates = new Map<number | undefined, readonly BinaryType[]>();

  return (bytes) => {
    const first = bytes[0];
    let asked = candidates.get(first);
    if (asked === undefined) {
      asked = types.filter(([, { firstByte }]) => firstByte === undefined || firstByte === first);
      candidates.set(first, asked);
    }
    for (const [name, row] of asked) if (row.recognises(bytes)) return name;
    return undefined;
  };
}

function checkedLocation(type: TypeLocation): readonly string[] | ((value: unknown) => string | undefined) {
  if (typeof type === 'function') return type;
  const path = typeof type === 'string' ? [type] : type;
  if (!Array.isArray(path) || path.length === 0 || !path.every((name) => typeof name === 'string')) {
    throw optionError('definePayloadTypes: type', "a member's name, a list of names, or a function", type, true);
  }
  return path;
}

function checkRow(name: string, row: PayloadType<unknown>): void {
  if (name === 'unknown') {
    throw new TypeError(
      'definePayloadTypes: "unknown" is no name for a type: frames of types not in the matrix have it',
    );
  }
  if (typeof (row as Partial<PayloadType<unknown>> | undefined)?.recognises !== 'function') {
    throw optionError(`definePayloadTypes: ${JSON.stringify(name)}`, 'made by jsonType() or binaryType()', row, true);
  }
  try {
    row.validator('fast');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TypeError(`definePayloadTypes: the schema of ${JSON.stringify(name)} is not valid: ${why}`, {
      cause: error,
    });
  }
}

/** A type that is no string is none: a caller's function may give what it found in the payload unchecked. */
function stringOrUndefined(found: unknown): string | undefined {
  return typeof found === 'string' ? found : undefined;
}

/** What stands at a path of own members, as a JSON parser sees it; `undefined` where there is nothing. */
function memberAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null || Array.isArray(current) || !Object.hasOwn(current, name))
      return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

/** Checks that a matrix is one, and not the rows of one. */
export function madeByDefinePayloadTypes(where: string, types: PayloadTypes): void {
  if (typeof (types as Partial<PayloadTypes> | null | undefined)?.nameOf === 'function') return;
  throw optionError(where, 'made by definePayloadTypes()', types, true);
}
