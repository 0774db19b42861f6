import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JSONSchema } from 'json-schema-to-ts';
import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { decode } from '../operators/decode.ts';
import type { Decoded, Parsed, RejectedFrame } from '../operators/frame.ts';
import { binaryType } from '../operators/binary-type.ts';
import { jsonType } from '../operators/json-type.ts';
import { standardType } from '../operators/standard-type.ts';
import { definePayloadTypes } from '../operators/payload-types.ts';
import { validate, type ValidateOptions } from '../operators/validate.ts';
import { diagram } from './diagram.ts';
import { decodedFrame, parsedFrame, raw, rejectedWith, stageContract } from './marbles.ts';

const types = definePayloadTypes({
  order: jsonType({
    type: 'object',
    properties: { id: { type: 'string' }, n: { type: 'integer', maximum: 9 } },
    required: ['id'],
  }),
  list: jsonType({ type: 'array', items: { type: 'integer' } }),
  media: binaryType({ firstByte: 0x80 }),
});

/** The one outcome of one frame. */
function outcomeOf(
  frame: Decoded<string, unknown>,
  options?: ValidateOptions,
): Parsed<string, unknown> | RejectedFrame {
  const outcomes: (Parsed<string, unknown> | RejectedFrame)[] = [];
  of(frame)
    .pipe(validate(options))
    .subscribe((outcome) => outcomes.push(outcome));
  expect(outcomes).toHaveLength(1);
  return outcomes[0]!;
}

const issuesOf = (frame: Decoded<string, unknown>, options?: ValidateOptions) =>
  (outcomeOf(frame, options) as RejectedFrame).issues;

/** The Standard Schema that a function makes: what zod and its like give. */
function standard<Output>(
  check: StandardSchemaV1.Props<unknown, Output>['validate'],
): StandardSchemaV1<unknown, Output> {
  return { '~standard': { version: 1, vendor: 'tiny', validate: check } };
}

/** A decoded frame of the only type of a matrix, with that schema. */
const ofSchema = (schema: Parameters<typeof jsonType>[0], data: unknown) =>
  decodedFrame(definePayloadTypes({ it: jsonType(schema) }), 'it', data);

/** The same with a Standard Schema. */
const ofStandard = (schema: StandardSchemaV1, data: unknown) =>
  decodedFrame(definePayloadTypes({ it: standardType(schema) }), 'it', data);

const kindAndData = ({ kind, decodedData }: Decoded<string, unknown> | Parsed<string, unknown>) =>
  `${kind}: ${JSON.stringify(decodedData)}`;

describe('validate', () => {
  it(
    'parses what is as the schema says, rejects what is not, and goes on',
    diagram('validate', { call: 'validate()', describe: kindAndData }, ({ cold, expectObservable }) => {
      const source = {
        a: decodedFrame(types, 'order', { id: 'a', more: 1 }),
        b: decodedFrame(types, 'order', { id: 5, n: 10 }, { sequence: 1 }),
        c: decodedFrame(types, 'list', [1, 2], { sequence: 2 }),
      };
      expectObservable(cold('-a-b-c-|', source).pipe(validate())).toBe('-A-x-C-|', {
        A: parsedFrame(types, 'order', { id: 'a', more: 1 }),
        x: rejectedWith('validate', 'schema', 'must be string', 'must be <= 9'),
        C: parsedFrame(types, 'list', [1, 2], { sequence: 2 }),
      });
    }),
  );

  it('keeps the data, the bytes and the outcome of a checksum', () => {
    const frame = decodedFrame(types, 'order', { id: 'a' }).withChecksum(true);
    const parsed = outcomeOf(frame) as Parsed<string, unknown>;
    expect(parsed.decodedData).toBe(frame.decodedData);
    expect(parsed.rawData).toBe(frame.rawData);
    expect(parsed.checksumValid).toBe(true);
    expect(outcomeOf(decodedFrame(types, 'order', {}).withChecksum(true)).checksumValid).toBe(true);
  });

  it('lets binary types and type unknown through: they have no schema', () => {
    const bytes = Uint8Array.of(0x80, 1);
    expect(outcomeOf(decodedFrame(types, 'media', bytes))).toStrictEqual(parsedFrame(types, 'media', bytes));
    expect(outcomeOf(decodedFrame(types, 'unknown', [1]))).toStrictEqual(parsedFrame(types, 'unknown', [1]));
  });

  it('names the place of each issue as a JSON Pointer, and none for the whole', () => {
    const schema = { type: 'object', properties: { 'a/b~c': { type: 'array', items: { type: 'integer' } } } } as const;
    expect(issuesOf(ofSchema(schema, { 'a/b~c': [1, '2'] }))).toStrictEqual([
      { message: 'must be integer', path: '/a~1b~0c/1' },
    ]);
    expect(issuesOf(ofSchema(schema, []))).toStrictEqual([{ message: 'must be object' }]);
  });

  it('never tells a value of the payload', () => {
    const member = {
      enum: ['x'],
      const: 'x',
      pattern: '^x$',
      format: 'date',
      maxLength: 1,
      type: 'integer',
      not: {},
    } as const;
    const schema = {
      type: 'object',
      properties: { a: member, b: { type: 'array', uniqueItems: true, contains: { const: 'x' }, maxItems: 1 } },
      additionalProperties: false,
      propertyNames: { maxLength: 2 },
      minProperties: 20,
    } as const;
    const found = issuesOf(ofSchema(schema, { a: 'secret', b: ['secret', 'secret'], secret: 'secret' }), {
      maxIssues: 99,
    });
    expect(found.length).toBeGreaterThan(10);
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it.each<[ValidateOptions, string, boolean]>([
    [{ formats: 'ignore' }, 'not a date', true],
    [{ formats: 'fast' }, 'not a date', false],
    [{ formats: 'full' }, 'not a date', false],
    [{ formats: 'ignore' }, '2026-02-30', true],
    [{ formats: 'fast' }, '2026-02-30', true],
    [{ formats: 'full' }, '2026-02-30', false],
    [{ formats: 'full' }, '2026-02-28', true],
    [{}, 'not a date', false],
    [{}, '2026-02-30', true],
  ])('with %j, takes the date %j: %s', (options, date, taken) => {
    const outcome = outcomeOf(ofSchema({ type: 'string', format: 'date' }, date), options);
    if (taken) expect(outcome.kind).toBe('parsed');
    else expect(outcome).toEqual(rejectedWith('validate', 'schema', 'must match format "date"'));
  });

  it.each<[ValidateOptions, number, number]>([
    [{}, 1_000, 10],
    [{ maxIssues: 3 }, 1_000, 3],
    [{ maxIssues: 1 }, 1_000, 1],
    [{ maxIssues: 1_000 }, 1_000, 20],
    [{}, 8 * 1024, 10],
    [{}, 8 * 1024 + 1, 1],
    [{ maxIssues: 1_000 }, 8 * 1024 + 1, 1],
  ])('with %j, a payload of %i bytes with 20 issues has %i listed', (options, length, listed) => {
    const wrong = Array.from({ length: 20 }, () => 'x');
    const list = definePayloadTypes({ list: jsonType({ type: 'array', items: { type: 'integer' } }) });
    const issues = issuesOf(decodedFrame(list, 'list', wrong, { rawData: new Uint8Array(length) }), options);
    expect(issues).toHaveLength(listed);
    expect(issues[0]).toStrictEqual({ message: 'must be integer', path: '/0' });
  });

  it('takes no member that each object inherits for one of the payload', () => {
    const required = { type: 'object', required: ['constructor', 'toString'] } as const;
    expect(issuesOf(ofSchema(required, {}))).toHaveLength(2);
    expect(outcomeOf(ofSchema(required, { constructor: 1, toString: 2 })).kind).toBe('parsed');
    const optional = { type: 'object', properties: { valueOf: { type: 'string' } } } as const;
    expect(outcomeOf(ofSchema(optional, {})).kind).toBe('parsed');
    expect(issuesOf(ofSchema(optional, { valueOf: 1 }))).toEqual([{ message: 'must be string', path: '/valueOf' }]);
    const proto = { type: 'object', required: ['__proto__'] } as const;
    expect(issuesOf(ofSchema(proto, {}))).toHaveLength(1);
    expect(outcomeOf(ofSchema(proto, JSON.parse('{"__proto__":1}'))).kind).toBe('parsed');
  });

  it('keeps the path of an issue short and printable', () => {
    const schema = { type: 'object', additionalProperties: { type: 'integer' } } as const;
    const [issue] = issuesOf(ofSchema(schema, { ['\u001b[31m' + 'a'.repeat(500)]: 'x' }));
    expect(issue!.path).toMatch(/^\/\P{C}{0,199}$/u);
  });

  it('rejects data nested deeper than a recursive schema can follow, and goes on', () => {
    const schema: JSONSchema = { type: 'array', items: { $ref: '#' } };
    const matrix = definePayloadTypes({ it: jsonType(schema) }, { type: () => 'it' });
    const nested = (depth: number) => raw('['.repeat(depth) + ']'.repeat(depth));
    const outcomes: string[] = [];
    of(nested(200_000), nested(100))
      .pipe(decode(matrix), validate())
      .subscribe((outcome) => outcomes.push(outcome.kind === 'rejected' ? outcome.issues[0]!.message : outcome.kind));
    expect(outcomes).toStrictEqual(['the schema could not be applied: it threw RangeError', 'parsed']);
  });

  it.each<[ValidateOptions | Record<string, unknown>, string]>([
    [{ formats: 'strict' }, 'RangeError: validate: formats must be one of "ignore", "fast", "full", got "strict"'],
    [{ formats: true }, 'TypeError: validate: formats must be one of "ignore", "fast", "full", got true'],
    [{ maxIssues: 0 }, 'RangeError: validate: maxIssues must be a positive integer, got 0'],
    [{ maxIssues: Infinity }, 'RangeError: validate: maxIssues must be a positive integer, got Infinity'],
    [{ maxIssues: '9' }, 'TypeError: validate: maxIssues must be a positive integer, got "9"'],
    [{ format: 'full' }, 'TypeError: validate: there is no option "format"; there are formats, maxIssues'],
  ])('refuses %j', (options, message) => {
    expect(() => validate(options as ValidateOptions)).toThrow(expect.toSatisfy((error) => String(error) === message));
  });
});

describe('validate, with a Standard Schema', () => {
  it('gives what the schema makes of the data', () => {
    const schema = standard<number>((value) => ({ value: Number(value) + 1 }));
    const frame = ofStandard(schema, '41');
    expect(outcomeOf(frame)).toHaveProperty('decodedData', 42);
    expect(frame.decodedData).toBe('41');
  });

  it('lists its issues by their places, but not by its messages, which may quote the payload', () => {
    const schema = standard<string>((value) => ({
      issues: [
        { message: `received ${String(value)}` },
        { message: `received ${String(value)}`, path: ['a/b', { key: 'c~d' }, 0] },
      ],
    }));
    expect(issuesOf(ofStandard(schema, 'secret'))).toStrictEqual([
      { message: 'must be as the tiny schema says' },
      { message: 'must be as the tiny schema says', path: '/a~1b/c~0d/0' },
    ]);
  });

  it('lists no more than maxIssues of them', () => {
    const schema = standard<string>(() => ({ issues: Array.from({ length: 20 }, () => ({ message: 'no' })) }));
    expect(issuesOf(ofStandard(schema, 'x'))).toHaveLength(10);
    expect(issuesOf(ofStandard(schema, 'x'), { maxIssues: 2 })).toHaveLength(2);
  });

  it.each<[string, StandardSchemaV1.Props['validate']]>([
    ['resolves', () => Promise.resolve({ value: 1 })],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['resolves, of another realm', () => ({ then: (done: (result: unknown) => void) => done({ value: 1 }) }) as never],
  ])('rejects the frame where the schema is asynchronous and %s', (_what, check) => {
    expect(outcomeOf(ofStandard(standard(check), 'x'))).toEqual(
      rejectedWith('validate', 'schema', 'the schema is asynchronous; validate() takes synchronous ones only'),
    );
  });

  it('rejects the frame where the schema throws', () => {
    const schema = standard(() => {
      throw new TypeError('secret');
    });
    expect(outcomeOf(ofStandard(schema, 'x'))).toEqual(
      rejectedWith('validate', 'schema', 'the schema could not be applied: it threw TypeError'),
    );
  });
});

stageContract(
  'validate',
  () => validate(),
  () => [decodedFrame(types, 'order', { id: 'a' }), decodedFrame(types, 'order', {}, { sequence: 1 })],
);
