import type { McapTypes } from '@mcap/core';

/** The JSON Schema of an outcome in a capture: an `AuditRecord` without digest and payload. */
const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'rxframe.Outcome',
  type: 'object',
  properties: {
    frameId: { type: 'string', description: 'Connection and place on it.' },
    outcome: { type: 'string', enum: ['accepted', 'rejected'] },
    payloadType: { type: 'string', description: 'Left out where it was not known.' },
    byteLength: { type: 'integer', description: 'Size of the payload in bytes.' },
    checksum: { type: 'string', enum: ['pass', 'fail', 'none'] },
    timestamp: { type: 'string', format: 'date-time', description: 'Receipt.' },
    stage: { type: 'string', description: 'Where it was rejected.' },
    reason: { type: 'string', description: 'Why it was rejected.' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        properties: { message: { type: 'string' }, path: { type: 'string', description: 'JSON Pointer.' } },
        required: ['message'],
      },
    },
  },
  required: ['frameId', 'outcome', 'byteLength', 'checksum', 'timestamp'],
};

/** The schema of the channel `/outcomes`. */
export const OUTCOME_SCHEMA: Omit<McapTypes.Schema, 'id'> = {
  name: SCHEMA.title,
  encoding: 'jsonschema',
  data: Buffer.from(JSON.stringify(SCHEMA)),
};
