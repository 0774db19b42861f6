import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { RegExpEngine } from 'ajv/dist/types/index.js';
import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import type { Receipt } from './frame.ts';
import { jsonSchemaValidator } from './json-schema-validator.ts';
import { callable, knownOptions, optionError, withMethod } from './options.ts';
import { standardSchemaValidator } from './standard-schema-validator.ts';
import type { FormatCheck, Validator } from './validator.ts';

/**
 * Where the digest of a payload of some type is found, and what it covers. (Methods, not function members, so that a row
 * for some type of data is a row for `unknown` too.)
 */
export interface ChecksumRule<Data> {
  /** The digest that the payload should have, or `undefined` where this one has none to compare with. */
  expected(this: void, data: Data, frame: Receipt): string | undefined;
  /** The bytes that the digest covers. @defaultValue the whole payload as received */
  covers?(this: void, data: Data, frame: Receipt): Uint8Array;
  /** Computes the digest, in the form that `expected` gives it. @defaultValue SHA-256 in base64 */
  digest?(this: void, bytes: Uint8Array): string;
}

/** What all payload types may have. */
export interface PayloadTypeOptions<Data> {
  /** The rule by which `checksum` compares. @defaultValue none: `checksumValid` stays `undefined` */
  readonly checksum?: ChecksumRule<Data>;
  /** What makes two frames the same event, for `dedupe` and `handover`. @defaultValue the digest of the payload */
  identity?(this: void, data: Data, frame: Receipt): string | undefined;
}

/** Options of {@link jsonType}. */
export interface JsonTypeOptions<Data> extends PayloadTypeOptions<Data> {
  /**
   * The engine for `pattern` in a JSON Schema, such as RE2's, which takes linear time.
   * @defaultValue the platform's `RegExp`, which backtracks: patterns that could take exponential time are refused at the
   * definition; polynomial time stays possible, which a long text makes long: pair such a pattern with `sizeGate`
   */
  readonly regExp?: RegExpEngine;
}

/** One row of the payload type matrix. Made by {@link jsonType} and {@link binaryType}. */
export interface PayloadType<Data> extends PayloadTypeOptions<Data> {
  readonly format: 'json' | 'binary';
  /** For binary types that a byte tells: the byte that each of their payloads starts with. */
  readonly firstByte?: number;
  /** For binary types: whether these bytes are of this type. */
  recognises(this: void, bytes: Uint8Array): boolean;
  /** For JSON types: the compiled schema. Throws where the schema is none. */
  validator(this: void, formats: FormatCheck): Validator | undefined;
}

/** The data that a schema describes: its TypeScript type is inferred, nothing is generated. */
export type DataOf<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : Schema extends JSONSchema
    ? FromSchema<Schema>
    : never;

/**
 * **A payload type that is JSON**, with the schema that says what it looks like.
 *
 * The schema is a JSON Schema (draft-07, compiled by ajv), or any
 * [Standard Schema](https://standardschema.dev) (zod, valibot, arktype, …), taken as it is; it must be synchronous.
 * The type of `decodedData` is inferred from it.
 *
 * ```ts
 * const order = jsonType({ type: 'object', properties: { id: { type: 'string' } }, required: ['id'] });
 * ```
 *
 * @param schema - what the whole payload looks like
 * @throws TypeError at the call, where `schema` is none, or an option is of the wrong type
 */
export function jsonType<const Schema extends JSONSchema | StandardSchemaV1>(
  schema: Schema,
  options: JsonTypeOptions<DataOf<Schema>> = {},
): PayloadType<DataOf<Schema>> {
  if ((schema as unknown) === null || !['object', 'boolean', 'function'].includes(typeof schema)) {
    throw optionError('jsonType: schema', 'a JSON Schema or a Standard Schema', schema, true);
  }
  knownOptions('jsonType', options, ['checksum', 'identity', 'regExp']);
  const { regExp, ...rest } = checkedOptions('jsonType', options);
  if (regExp !== undefined) callable('jsonType: regExp', regExp);
  const validators = new Map<FormatCheck, Validator>();
  return {
    ...rest,
    format: 'json',
    recognises: () => false,
    validator(formats) {
      let validator = validators.get(formats);
      if (validator === undefined) {
        validator = isStandardSchema(schema)
          ? standardSchemaValidator(schema)
          : jsonSchemaValidator(schema, formats, regExp);
        validators.set(formats, validator);
      }
      return validator;
    },
  };
}

/** Options of {@link binaryType}: how to recognise it, and what all types may have. */
export interface BinaryTypeOptions extends PayloadTypeOptions<Uint8Array> {
  /** The byte that each payload of this type starts with, 0 to 255. */
  readonly firstByte?: number;
  /** Whether these bytes are of this type. */
  recognises?(this: void, bytes: Uint8Array): boolean;
}

/**
 * **A payload type that is binary**: recognised by its first byte, or by a function. `decodedData` is the payload as
 * received, not a copy. Only binary messages (opcode 2) can be of such a type.
 *
 * ```ts
 * const media = binaryType({ firstByte: 0x80 });
 * const wav = binaryType({ recognises: (bytes) => bytes.length > 44 && bytes[0] === 0x52 && bytes[1] === 0x49 });
 * ```
 *
 * @throws TypeError at the call, where not exactly one of `firstByte` and `recognises` is given
 * @throws RangeError at the call, where `firstByte` is no byte
 */
export function binaryType(options: BinaryTypeOptions): PayloadType<Uint8Array> {
  knownOptions('binaryType', options, ['firstByte', 'recognises', 'checksum', 'identity']);
  const { firstByte, recognises, ...rest } = checkedOptions('binaryType', options);
  if ((firstByte === undefined) === (recognises === undefined)) {
    throw new TypeError('binaryType: give either firstByte or recognises');
  }
  if (firstByte !== undefined && !(Number.isInteger(firstByte) && firstByte >= 0 && firstByte <= 255)) {
    throw optionError('binaryType: firstByte', 'an integer from 0 to 255', firstByte, typeof firstByte !== 'number');
  }
  const row = { ...rest, format: 'binary', validator: () => undefined } as const;
  return firstByte === undefined
    ? { ...row, recognises: callable('binaryType: recognises', recognises) as (bytes: Uint8Array) => boolean }
    : { ...row, firstByte, recognises: (bytes) => bytes[0] === firstByte };
}

function checkedOptions<Data, Options extends PayloadTypeOptions<Data>>(where: string, options: Options): Options {
  if (options.identity !== undefined) callable(`${where}: identity`, options.identity);
  if (options.checksum !== undefined) {
    withMethod(`${where}: checksum`, 'expected', options.checksum);
    if (options.checksum.covers !== undefined) callable(`${where}: checksum.covers`, options.checksum.covers);
    if (options.checksum.digest !== undefined) callable(`${where}: checksum.digest`, options.checksum.digest);
  }
  return options;
}

function isStandardSchema(schema: JSONSchema | StandardSchemaV1): schema is StandardSchemaV1 {
  return typeof schema !== 'boolean' && '~standard' in schema;
}
