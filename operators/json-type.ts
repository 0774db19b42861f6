import type { RegExpEngine } from 'ajv/dist/types/index.js';
import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import { jsonSchemaValidator } from './json-schema-validator.ts';
import { callable, knownOptions, optionError } from './options.ts';
import { checkedOptions, type PayloadType, type PayloadTypeOptions } from './payload-type.ts';
import type { FormatCheck, Validator } from './validator.ts';

/** Options of {@link jsonType}. */
export interface JsonTypeOptions<Data> extends PayloadTypeOptions<Data> {
  /**
   * The engine for `pattern` in a JSON Schema, such as RE2's, which takes linear time.
   * @defaultValue the platform's `RegExp`, which backtracks: patterns that could take exponential time are refused at the
   * definition; polynomial time stays possible, which a long text makes long: pair such a pattern with `sizeGate`
   */
  readonly regExp?: RegExpEngine;
}

/** The data that a JSON Schema describes: its TypeScript type is inferred, nothing is generated. */
export type DataOf<Schema> = Schema extends JSONSchema ? FromSchema<Schema> : never;

/**
 * **A payload type that is JSON**, with the JSON Schema (draft-07, compiled by ajv) that says what it looks like. The type of
 * `decodedData` is inferred from it. For a schema of zod, valibot or arktype there is `standardType`.
 *
 * ```ts
 * const order = jsonType({ type: 'object', properties: { id: { type: 'string' } }, required: ['id'] });
 * ```
 *
 * @param schema - what the whole payload looks like
 * @throws TypeError at the call, where `schema` is none, or an option is of the wrong type
 */
export function jsonType<const Schema extends JSONSchema>(
  schema: Schema,
  options: JsonTypeOptions<DataOf<Schema>> = {},
): PayloadType<DataOf<Schema>> {
  if ((schema as unknown) === null || !['object', 'boolean'].includes(typeof schema)) {
    throw optionError('jsonType: schema', 'a JSON Schema', schema, true);
  }
  if (Object.hasOwn(schema as object, '~standard')) {
    throw new TypeError('jsonType: this is a Standard Schema, which goes to standardType()');
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
        validator = jsonSchemaValidator(schema, formats, regExp);
        validators.set(formats, validator);
      }
      return validator;
    },
  };
}
