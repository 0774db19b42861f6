import type { StandardSchemaV1 } from '@standard-schema/spec';
import { knownOptions, optionError } from './options.ts';
import { checkedOptions, type PayloadType, type PayloadTypeOptions } from './payload-type.ts';
import { standardSchemaValidator } from './standard-schema-validator.ts';

/**
 * **A payload type that is JSON**, with a [Standard Schema](https://standardschema.dev) (zod, valibot, arktype, …) that says what
 * it looks like, taken as it is. It must be synchronous. The type of `decodedData` is what it gives. Brings no ajv into a bundle.
 *
 * ```ts
 * const order = standardType(z.object({ id: z.string() }));
 * ```
 *
 * @param schema - what the whole payload looks like
 * @throws TypeError at the call, where `schema` is none, or an option is of the wrong type
 */
export function standardType<Schema extends StandardSchemaV1>(
  schema: Schema,
  options: PayloadTypeOptions<StandardSchemaV1.InferOutput<Schema>> = {},
): PayloadType<StandardSchemaV1.InferOutput<Schema>> {
  if (
    (typeof schema !== 'object' && typeof schema !== 'function') ||
    (schema as unknown) === null ||
    !('~standard' in schema)
  ) {
    throw optionError('standardType: schema', 'a Standard Schema', schema, true);
  }
  knownOptions('standardType', options, ['checksum', 'identity']);
  const validator = standardSchemaValidator(schema);
  return {
    ...checkedOptions('standardType', options),
    format: 'json',
    recognises: () => false,
    validator: () => validator,
  };
}
