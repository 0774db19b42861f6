import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JSONSchema } from 'json-schema-to-ts';
import { describe, expect, it } from 'vitest';
import { binaryType, type BinaryTypeOptions } from '../operators/binary-type.ts';
import { jsonType, type JsonTypeOptions } from '../operators/json-type.ts';
import type { PayloadTypeOptions } from '../operators/payload-type.ts';
import { standardType } from '../operators/standard-type.ts';
import { definePayloadTypes, type PayloadTypeRecord, type PayloadTypesOptions } from '../operators/payload-types.ts';

/** Matches the error that reads like this, its class in front. */
const reading = (message: string): unknown => expect.toSatisfy((error) => String(error) === message);

const note = jsonType({ type: 'object' });

describe('definePayloadTypes', () => {
  it('makes a matrix that finds its types', () => {
    const media = binaryType({ firstByte: 0x80 });
    const types = definePayloadTypes({ note, media });
    expect(types.unknown).toBe('reject');
    expect(types.typePath).toStrictEqual(['type']);
    expect(types.nameOf({ type: 'a' })).toBe('a');
    expect(types.jsonType('note')).toBe(note);
    expect(types.jsonType('media')).toBeUndefined();
    expect(types.jsonType('toString')).toBeUndefined();
    expect(types.binaryNameOf(Uint8Array.of(0x80))).toBe('media');
    expect(types.binaryNameOf(new Uint8Array(0))).toBeUndefined();
  });

  it('finds no member in a text, and none that is no text', () => {
    const typeAt = (...path: string[]) =>
      definePayloadTypes({ note }, { type: path }).nameOf({ type: 'a', list: ['b'] });
    expect([typeAt('type', '0'), typeAt('list', '0'), typeAt('list')]).toStrictEqual([undefined, undefined, undefined]);
  });

  it('takes the rows of another matrix, with one replaced and one added', () => {
    const first = definePayloadTypes({ note, list: jsonType({ type: 'array' }) });
    const list = jsonType({ type: 'array', maxItems: 1 });
    const second = definePayloadTypes({ ...first.rows, list, more: note });
    expect(second.jsonType('list')).toBe(list);
    expect(second.jsonType('note')).toBe(note);
    expect(second.jsonType('more')).toBe(note);
    expect(first.jsonType('more')).toBeUndefined();
  });

  it.each<[string, unknown, unknown, string]>([
    ['no rows', {}, undefined, 'TypeError: definePayloadTypes: there must be at least one payload type'],
    [
      'rows that are none',
      undefined,
      undefined,
      'TypeError: definePayloadTypes: rows must be an object, got undefined',
    ],
    ['rows that are null', null, undefined, 'TypeError: definePayloadTypes: rows must be an object, got null'],
    [
      'a row that is a bare schema',
      { a: { type: 'object' } },
      undefined,
      'TypeError: definePayloadTypes: "a" must be made by jsonType() or binaryType(), got an object',
    ],
    [
      'a row that is undefined',
      { a: undefined },
      undefined,
      'TypeError: definePayloadTypes: "a" must be made by jsonType() or binaryType(), got undefined',
    ],
    [
      'a row named unknown',
      { unknown: note },
      undefined,
      'TypeError: definePayloadTypes: "unknown" is no name for a type: frames of types not in the matrix have it',
    ],
    [
      'an unknown policy of another name',
      { note },
      { unknown: 'drop' },
      'RangeError: definePayloadTypes: unknown must be one of "reject", "pass", got "drop"',
    ],
    [
      'a type that is no place',
      { note },
      { type: 5 },
      `TypeError: definePayloadTypes: type must be a member's name, a list of names, or a function, got 5`,
    ],
    [
      'a type that is an empty path',
      { note },
      { type: [] },
      `TypeError: definePayloadTypes: type must be a member's name, a list of names, or a function, got an array`,
    ],
    [
      'a path with a number in it',
      { note },
      { type: ['a', 0] },
      `TypeError: definePayloadTypes: type must be a member's name, a list of names, or a function, got an array`,
    ],
    [
      'an option that there is not',
      { note },
      { types: 'a' },
      'TypeError: definePayloadTypes: there is no option "types"; there are type, unknown',
    ],
  ])('refuses %s', (_what, rows, options, message) => {
    expect(() => definePayloadTypes(rows as PayloadTypeRecord, options as PayloadTypesOptions)).toThrow(
      reading(message),
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['a type that JSON Schema does not have', { type: 'text' }, /type must be equal to one of the allowed values/],
    ['a keyword that is misspelt', { type: 'object', propertys: {} }, /unknown keyword: "propertys"/],
    ['a keyword with the wrong value', { type: 'object', required: 'id' }, /required must be array/],
    ['a reference to nothing', { $ref: '#/definitions/a' }, /can't resolve reference #\/definitions\/a/],
    ['a format that nobody knows', { type: 'string', format: 'iban' }, /unknown format "iban"/],
    ['a pattern that is none', { type: 'string', pattern: '(' }, /Invalid regular expression|exponential/],
    ['a schema that is asynchronous', { $async: true, type: 'object' }, /it is asynchronous/],
    ['an array', [], /must be object,boolean/],
    ['a newer draft', { $schema: 'https://json-schema.org/draft/2020-12/schema' }, /no schema with key or ref/],
  ])('refuses a schema that is %s, and names the type', (_what, schema, why) => {
    const define = () => definePayloadTypes({ good: note, bad: jsonType(schema as object) });
    expect(define).toThrow(TypeError);
    expect(define).toThrow(/^definePayloadTypes: the schema of "bad" is not valid: /);
    expect(define).toThrow(why);
    expect(define).toThrow(expect.objectContaining({ cause: expect.any(Error) as unknown }));
  });

  it.each([
    ['a pattern', { type: 'string', pattern: '^(a+)+$' }],
    ['one deep inside', { type: 'array', items: { anyOf: [{ type: 'string', pattern: '(x*)*y' }] } }],
    ['a pattern for names', { type: 'object', patternProperties: { '^([a-z]+)*$': { type: 'string' } } }],
  ] as const)('refuses %s that can take exponential time', (_what, schema) => {
    expect(() => definePayloadTypes({ bad: jsonType(schema) })).toThrow(
      /^definePayloadTypes: the schema of "bad" is not valid: the pattern ".+" can take exponential time/,
    );
  });

  it('leaves patterns to the engine that a type brings', () => {
    const seen: string[] = [];
    const engine = (pattern: string, flags: string) => {
      seen.push(pattern);
      return new RegExp(pattern, flags);
    };
    const regExp = Object.assign(engine, { code: 'new RegExp' });
    definePayloadTypes({ a: jsonType({ type: 'string', pattern: '^(a+)+$' }, { regExp }) });
    expect(seen).toStrictEqual(['^(a+)+$']);
  });

  it.each([
    ['true, which takes anything', true],
    ['false, which takes nothing', false],
    ['one with a title and an example', { title: 'A', examples: [1], type: ['string', 'null'] }],
    ['one of several types', { type: ['string', 'number'] }],
    ['one with a keyword for a type that it does not name', { minLength: 1 }],
    ['a recursive one', { type: 'array', items: { $ref: '#' } }],
    ['a tuple', { type: 'array', items: [{ type: 'string' }] }],
  ] as const satisfies [string, JSONSchema][])('takes the schema %s', (_what, schema: JSONSchema) => {
    expect(definePayloadTypes({ a: jsonType(schema) }).jsonType('a')).toBeDefined();
  });
});

describe('jsonType', () => {
  it.each<[unknown, unknown, string]>([
    [null, {}, 'TypeError: jsonType: schema must be a JSON Schema, got null'],
    [undefined, {}, 'TypeError: jsonType: schema must be a JSON Schema, got undefined'],
    ['object', {}, 'TypeError: jsonType: schema must be a JSON Schema, got "object"'],
    [{}, { identity: 'id' }, 'TypeError: jsonType: identity must be a function, got "id"'],
    [{}, { checksum: {} }, 'TypeError: jsonType: checksum must be an object with a method expected(), got an object'],
    [{}, { checksum: null }, 'TypeError: jsonType: checksum must be an object with a method expected(), got null'],
    [{}, { regExp: 5 }, 'TypeError: jsonType: regExp must be a function, got 5'],
    [{}, { regExp: null }, 'TypeError: jsonType: regExp must be a function, got null'],
    [{}, [], 'TypeError: jsonType: options must be an object, got an array'],
    [
      {},
      { checksum: { expected: () => '', digest: () => '', covers: 1 } },
      'TypeError: jsonType: checksum.covers must be a function, got 1',
    ],
    [
      {},
      { checksum: { expected: () => '', digest: 'sha-256' } },
      'TypeError: jsonType: checksum.digest must be a function, got "sha-256"',
    ],
    [
      {},
      { checksum: { expected: () => '' } },
      'TypeError: jsonType: checksum.digest must be a function, got undefined',
    ],
    [{ '~standard': {} }, {}, 'TypeError: jsonType: this is a Standard Schema, which goes to standardType()'],
    [{}, { id: 1 }, 'TypeError: jsonType: there is no option "id"; there are checksum, identity, regExp'],
  ])('refuses %j with %j', (schema, options, message) => {
    expect(() => jsonType(schema as object, options as JsonTypeOptions<unknown>)).toThrow(reading(message));
  });

  it('recognises no binary payload', () => {
    const type = jsonType(true);
    expect([type.format, binaryType({ firstByte: 0 }).format]).toStrictEqual(['json', 'binary']);
    expect(type.recognises(Uint8Array.of(0x7b, 0x7d))).toBe(false);
  });

  it('compiles a schema once for each way to check formats', () => {
    expect(note.validator('fast')).toBe(note.validator('fast'));
    expect(note.validator('full')).not.toBe(note.validator('fast'));
  });
});

describe('standardType', () => {
  const standard: StandardSchemaV1 = {
    '~standard': { version: 1, vendor: 'tiny', validate: (value) => ({ value }) },
  };

  it.each<[unknown, unknown, string]>([
    [null, {}, 'TypeError: standardType: schema must be a Standard Schema, got null'],
    ['text', {}, 'TypeError: standardType: schema must be a Standard Schema, got "text"'],
    [{ type: 'object' }, {}, 'TypeError: standardType: schema must be a Standard Schema, got an object'],
    [
      { '~standard': null },
      {},
      'TypeError: standardType: schema["~standard"] must be an object with a method validate(), got null',
    ],
    [
      { '~standard': { version: 1 } },
      {},
      'TypeError: standardType: schema["~standard"] must be an object with a method validate(), got an object',
    ],
    [
      standard,
      { regExp: RegExp },
      'TypeError: standardType: there is no option "regExp"; there are checksum, identity',
    ],
    [standard, { identity: 'id' }, 'TypeError: standardType: identity must be a function, got "id"'],
  ])('refuses %j with %j', (schema, options, message) => {
    expect(() => standardType(schema as StandardSchemaV1, options as PayloadTypeOptions<unknown>)).toThrow(
      reading(message),
    );
  });

  it('takes a schema that is a function', () => {
    const schema: StandardSchemaV1 = Object.assign(() => undefined, standard);
    expect(standardType(schema).validator('fast')?.(5, 1, 1)).toBe(5);
  });

  it('is JSON, and recognises no binary payload', () => {
    const type = standardType(standard);
    expect([type.format, type.recognises(Uint8Array.of(0x7b, 0x7d))]).toStrictEqual(['json', false]);
  });
});

describe('binaryType', () => {
  it('recognises by the first byte, or by a function', () => {
    const byByte = binaryType({ firstByte: 0 });
    expect([[0, 1], [1, 0], []].map((bytes) => byByte.recognises(Uint8Array.from(bytes)))).toStrictEqual([
      true,
      false,
      false,
    ]);
    const byHighest = binaryType({ firstByte: 255 });
    expect([[255], [0]].map((bytes) => byHighest.recognises(Uint8Array.from(bytes)))).toStrictEqual([true, false]);
    const byFunction = binaryType({ recognises: (bytes) => bytes.length === 2 });
    expect([[0, 1], [1]].map((bytes) => byFunction.recognises(Uint8Array.from(bytes)))).toStrictEqual([true, false]);
  });

  it.each<[unknown, string]>([
    [{}, 'TypeError: binaryType: give either firstByte or recognises'],
    [{ firstByte: 1, recognises: () => true }, 'TypeError: binaryType: give either firstByte or recognises'],
    [{ firstByte: 256 }, 'RangeError: binaryType: firstByte must be an integer from 0 to 255, got 256'],
    [{ firstByte: -1 }, 'RangeError: binaryType: firstByte must be an integer from 0 to 255, got -1'],
    [{ firstByte: 1.5 }, 'RangeError: binaryType: firstByte must be an integer from 0 to 255, got 1.5'],
    [{ firstByte: '1' }, 'TypeError: binaryType: firstByte must be an integer from 0 to 255, got "1"'],
    [{ recognises: /a/ }, 'TypeError: binaryType: recognises must be a function, got an object'],
    [
      { firstByte: 1, checksum: null },
      'TypeError: binaryType: checksum must be an object with a method expected(), got null',
    ],
    [{ firstByte: 1, identity: 5 }, 'TypeError: binaryType: identity must be a function, got 5'],
    [
      { byte: 1 },
      'TypeError: binaryType: there is no option "byte"; there are firstByte, recognises, checksum, identity',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => binaryType(options as BinaryTypeOptions)).toThrow(reading(message));
  });
});
