import { Ajv, type ValidateFunction } from 'ajv';

const ajv = new Ajv();

/** The schema of an `interaction.update`, compiled by hand. */
export const interactionUpdate: ValidateFunction = ajv.compile({
  type: 'object',
  properties: { id: { type: 'string' }, type: { type: 'string' }, routing: { type: 'object' } },
  required: ['id', 'type', 'routing'],
});

/** The schema of a `keepalive`, compiled by hand. */
export const keepalive: ValidateFunction = ajv.compile({
  type: 'object',
  properties: { type: { type: 'string' } },
  required: ['type'],
});
