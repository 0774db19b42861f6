import { jsonType } from '../../../operators/json-type.ts';
import { definePayloadTypes } from '../../../operators/payload-types.ts';

/** The events that the fault suites send: the `n`th one of the conversation `id`, from 0. */
export const eventTypes = definePayloadTypes({
  event: jsonType({
    type: 'object',
    properties: { id: { type: 'string' }, n: { type: 'integer' } },
    required: ['id', 'n'],
  }),
});
