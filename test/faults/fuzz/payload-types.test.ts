import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../operators/decode.ts';
import { binaryType, type BinaryTypeOptions } from '../../../operators/binary-type.ts';
import { jsonType } from '../../../operators/json-type.ts';
import { definePayloadTypes, type PayloadTypeRecord, type PayloadTypes } from '../../../operators/payload-types.ts';
import { validate } from '../../../operators/validate.ts';
import { fuzz } from './fuzz.ts';
import { Message } from './message.ts';

const NAMES = ['a', 'b', 'type', '__proto__', 'constructor', 'toString', '', '\'"\\`${x}', '\u2028', '/~'];

const name = fc.constantFrom(...NAMES);
const data = fc.oneof(
  fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('a', 'aa', 0, 1.5, -1, true, null, '2026-01-31T12:00:00Z'),
);

/** What looks like a JSON Schema: most keywords with what they take, some with what they don't. */
const { schema } = fc.letrec<{ schema: unknown; object: object; boolean: boolean }>((tie) => {
  const map = fc.dictionary(name, tie('schema'), { maxKeys: 3 });
  const list = fc.array(tie('schema'), { minLength: 1, maxLength: 2 });
  const limit = fc.oneof({ weight: 8, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.constantFrom('1', -1, 1.5) });
  const type = fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'boolean', 'null');
  return {
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 1, arbitrary: tie('boolean') },
      { weight: 8, arbitrary: tie('object') },
    ),
    boolean: fc.boolean(),
    object: fc.oneof(
      {
        weight: 30,
        arbitrary: fc.record({ type, properties: map, required: fc.uniqueArray(name) }, { requiredKeys: [] }),
      },
      {
        weight: 10,
        arbitrary: fc.record({ type, items: fc.oneof(tie('schema'), list), maxItems: limit }, { requiredKeys: [] }),
      },
      {
        weight: 10,
        arbitrary: fc.record({ minimum: limit, multipleOf: limit, maxLength: limit }, { requiredKeys: [] }),
      },
      { weight: 10, arbitrary: fc.record({ allOf: list, anyOf: list, not: tie('schema') }, { requiredKeys: [] }) },
      {
        weight: 10,
        arbitrary: fc.record({ oneOf: list, if: tie('schema'), then: tie('schema') }, { requiredKeys: ['if'] }),
      },
      { weight: 10, arbitrary: fc.record({ const: data, enum: fc.array(data) }, { requiredKeys: [] }) },
      {
        weight: 10,
        arbitrary: fc.record(
          {
            additionalProperties: tie('schema'),
            propertyNames: tie('schema'),
            patternProperties: fc.dictionary(fc.constantFrom('^a', 'o', '('), tie('schema')),
          },
          { requiredKeys: [] },
        ),
      },
      {
        weight: 10,
        arbitrary: fc.record(
          {
            pattern: fc.constantFrom('^a+$', '(a+)+$', '(', '(?<=a)b', String.raw`\d`),
            format: fc.constantFrom('date-time', 'email', 'iban'),
            uniqueItems: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
      },
      {
        weight: 5,
        arbitrary: fc.record({ $ref: fc.constantFrom('#', '#/definitions/a', '#/properties/a', 'none.json', '') }),
      },
      {
        weight: 3,
        arbitrary: fc.record(
          {
            definitions: map,
            $id: fc.constantFrom('a', '#b', 'http://example.org/s'),
            $schema: fc.constantFrom('http://json-schema.org/draft-07/schema#', 'x'),
            $async: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
      },
      {
        weight: 3,
        arbitrary: fc.dictionary(
          fc.constantFrom('type', 'items', 'required', 'propertys', '~standard', '$ref'),
          fc.anything(),
        ),
      },
    ),
  };
});

/** Runs a definition: gives what it defined, or checks that it failed as the documentation says. */
function defined(define: () => PayloadTypes): PayloadTypes | undefined {
  try {
    return define();
  } catch (error) {
    expect(error instanceof TypeError || error instanceof RangeError, String(error)).toBe(true);
    expect((error as Error).message).toMatch(/^(?:definePayloadTypes|jsonType|binaryType): ./s);
    return undefined;
  }
}

/** Whether plain ajv takes the data, by what is the data's own; undefined where it can't tell. */
function plainVerdict(of: unknown, values: readonly unknown[]): (boolean | undefined)[] {
  const ajv = new Ajv({ strict: false, validateSchema: false, logger: false, ownProperties: true });
  formats.default(ajv, { mode: 'fast' });
  const check = ajv.compile(of as object);
  return values.map((value) => {
    try {
      return check(value);
    } catch {
      return undefined;
    }
  });
}

describe('definePayloadTypes', () => {
  it('takes a schema and judges by it as ajv does, or says at once what is wrong with it', async () => {
    let taken = 0;
    let refused = 0;
    await fuzz(fc.tuple(schema, fc.array(data, { minLength: 1, maxLength: 5 })), ([one, values]) => {
      const types = defined(() => definePayloadTypes({ a: jsonType(one as object) }, { type: () => 'a' }));
      if (types === undefined) {
        refused += 1;
        return;
      }
      taken += 1;
      const texts = values.map((value) => JSON.stringify(value));
      const verdicts: boolean[] = [];
      from(texts.map((text, sequence) => new Message(Buffer.from(text), false).frame(sequence)))
        .pipe(decode(types), validate())
        .subscribe((outcome) => verdicts.push(outcome.kind === 'parsed'));
      const plain = plainVerdict(
        one,
        texts.map((text) => JSON.parse(text) as unknown),
      );
      expect(verdicts).toStrictEqual(plain.map((verdict) => verdict ?? false));
    });
    expect(Math.min(taken, refused), 'schemas of the rarer kind').toBeGreaterThan(0);
  });

  it('takes any rows and options, or says at once what is wrong with them', async () => {
    const row = fc.oneof(
      fc.record({ schema: fc.oneof(schema, fc.anything()), options: fc.oneof(fc.constant({}), fc.anything()) }),
      fc.record({ binary: fc.oneof(fc.record({ firstByte: fc.nat(300) }), fc.anything()) }),
      fc.record({ bare: fc.anything() }),
    );
    const given = fc.record({
      rows: fc.dictionary(fc.oneof(name, fc.constant('unknown')), row, { maxKeys: 3 }),
      options: fc.oneof(
        fc.anything(),
        fc.record({ type: fc.oneof(fc.anything(), fc.array(fc.string())), unknown: fc.constantFrom('pass', 'drop') }),
      ),
      bytes: fc.uint8Array(),
      isBinary: fc.boolean(),
    });
    await fuzz(given, ({ rows, options, bytes, isBinary }) => {
      const types = defined(() => {
        const made = Object.entries(rows).map(([key, ingredients]) => [key, rowOf(ingredients)]);
        return definePayloadTypes(Object.fromEntries(made) as PayloadTypeRecord, options as object);
      });
      if (types === undefined) return;
      const outcomes: unknown[] = [];
      from([new Message(bytes, isBinary).frame()])
        .pipe(decode(types), validate())
        .subscribe(({ kind }) => outcomes.push(kind));
      expect(outcomes).toHaveLength(1);
    });
  });

  it.each<[string, unknown]>([
    ['no rows', undefined],
    ['a list', []],
    ['a text', 'rows'],
  ])('refuses %s in place of rows', (_what, rows) => {
    expect(defined(() => definePayloadTypes(rows as PayloadTypeRecord))).toBeUndefined();
  });
});

/** A row made of whatever there is. */
function rowOf(ingredients: { schema: unknown; options: unknown } | { binary: unknown } | { bare: unknown }): unknown {
  if ('schema' in ingredients) return jsonType(ingredients.schema as object, ingredients.options as object);
  return 'binary' in ingredients ? binaryType(ingredients.binary as BinaryTypeOptions) : ingredients.bare;
}
