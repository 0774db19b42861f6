import { pointerStep } from '../../operators/json-pointer.ts';

/** What is wrong with a value. */
interface Fault {
  /** Where, as a JSON Pointer (RFC 6901). */
  readonly path: string;
  readonly message: string;
}

/**
 * What a part of a message looks like, and the type of it. (No JSON Schema: to compile that of a conversation takes ajv tenths
 * of a second, at each start of a program; and a page would need ajv, and the permission to evaluate code.)
 */
export interface BodySchema<Data> {
  /** The first thing that is wrong with a JSON value; `undefined` where it is as described. */
  faultIn(this: void, value: unknown): Fault | undefined;
  /** Never there: it carries the type. */
  readonly '~data'?: Data;
}

/** The type of what a schema describes. */
export type Described<Schema> = Schema extends BodySchema<infer Data> ? Data : never;

type Schemas<Members> = { readonly [Name in keyof Members]: BodySchema<Members[Name]> };
type Optional<Members> = { readonly [Name in keyof Members]?: Members[Name] | null };

export const text = ofType<string>('string');
export const number = ofType<number>('number');
export const flag = ofType<boolean>('boolean');

function ofType<Data>(type: 'string' | 'number' | 'boolean'): BodySchema<Data> {
  const fault: Fault = { path: '', message: `must be ${type}` };
  return { faultIn: (value) => (typeof value === type ? undefined : fault) };
}

/** Text of a form. */
export function textLike<Data extends string = string>(form: RegExp, what: string): BodySchema<Data> {
  const fault: Fault = { path: '', message: `must be ${what}` };
  return { faultIn: (value) => (typeof value === 'string' && form.test(value) ? undefined : fault) };
}

/** One of a few values. */
export function oneOfValues<const Value extends string | number>(...values: readonly Value[]): BodySchema<Value> {
  const fault: Fault = { path: '', message: `must be ${values.map((value) => JSON.stringify(value)).join(' or ')}` };
  return { faultIn: (value) => (values.includes(value as Value) ? undefined : fault) };
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): BodySchema<number> {
  const fault: Fault = { path: '', message: `must be an integer from ${least} to ${most}` };
  return {
    faultIn: (value) =>
      Number.isInteger(value) && (value as number) >= least && (value as number) <= most ? undefined : fault,
  };
}

const NO_ARRAY: Fault = { path: '', message: 'must be array' };
const NO_OBJECT: Fault = { path: '', message: 'must be object' };

/** An array of so many items. */
export function list<Item>(item: BodySchema<Item>, least = 0, most = Infinity): BodySchema<readonly Item[]> {
  return {
    faultIn(value) {
      if (!Array.isArray(value)) return NO_ARRAY;
      if (value.length < least || value.length > most) {
        return { path: '', message: `must have ${least} to ${most} items` };
      }
      for (let index = 0; index < value.length; index += 1) {
        const fault = item.faultIn(value[index]);
        if (fault !== undefined) return under(index, fault);
      }
      return undefined;
    },
  };
}

/** The same array, with no value in it twice. */
export function distinct<Item extends string | number>(
  array: BodySchema<readonly Item[]>,
): BodySchema<readonly Item[]> {
  const fault: Fault = { path: '', message: 'must have different items' };
  return {
    faultIn: (value) =>
      array.faultIn(value) ??
      (new Set(value as readonly Item[]).size === (value as readonly Item[]).length ? undefined : fault),
  };
}

/** Values under names that somebody chose. */
export function record<Value>(schema: BodySchema<Value>): BodySchema<Readonly<Record<string, Value | null>>> {
  return { faultIn: (value) => (isObject(value) ? faultInMembers(value, () => schema) : NO_OBJECT) };
}

/**
 * An object with these members and any others. Each may be absent, or `null`: the platform says of none that it is always there,
 * and an event should not be lost for one that is not.
 */
export function members<Members extends object>(optional: Schemas<Members>): BodySchema<Optional<Members>> {
  return withRequired<object, Members>({}, optional);
}

/** The same, with some that have to be there. */
export function withRequired<Required extends object, Members extends object>(
  required: Schemas<Required>,
  optional: Schemas<Members>,
): BodySchema<Readonly<Required> & Optional<Members>> {
  const schemas = new Map(Object.entries<BodySchema<unknown>>({ ...required, ...optional }));
  const names = Object.keys(required);
  return {
    faultIn(value) {
      if (!isObject(value)) return NO_OBJECT;
      for (const name of names) {
        if (value[name] === undefined || value[name] === null) return { path: '', message: `must have '${name}'` };
      }
      return faultInMembers(value, (name) => schemas.get(name));
    },
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultInMembers(
  value: Readonly<Record<string, unknown>>,
  schemaOf: (name: string) => BodySchema<unknown> | undefined,
): Fault | undefined {
  for (const name in value) {
    const member = value[name];
    if (member === null) continue;
    const fault = schemaOf(name)?.faultIn(member);
    if (fault !== undefined) return under(name, fault);
  }
  return undefined;
}

function under(name: string | number, { path, message }: Fault): Fault {
  return { path: `${pointerStep(name)}${path}`, message };
}
