import type { JSONSchema } from 'json-schema-to-ts';
import { binaryType } from '../../../operators/binary-type.ts';
import { jsonType } from '../../../operators/json-type.ts';
import { definePayloadTypes, type PayloadTypesOptions, type UnknownPolicy } from '../../../operators/payload-types.ts';
import { embeddedDigest } from '../../../src/genesys/embedded-digest.ts';

/** The schemas of a made-up feed: enough of JSON Schema that payloads break them in many ways. */
export const SCHEMAS = {
  order: {
    type: 'object',
    properties: {
      type: { const: 'order' },
      id: { type: 'string', minLength: 1 },
      amount: { type: 'number', minimum: 0 },
      at: { type: 'string', format: 'date-time' },
      code: { type: 'string', pattern: String.raw`^[A-Z]{2}\d+$` },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 3 },
      digest: { type: 'string' },
    },
    required: ['id'],
  },
  'a:b/"c"': { type: 'object', additionalProperties: { type: ['string', 'null'] }, maxProperties: 4 },
  日本: true,
  tree: { type: 'object', properties: { child: { $ref: '#' }, text: { type: 'string' } } },
} as const satisfies Record<string, JSONSchema>;

/** The compiler can't say what a schema describes that refers to itself. */
const tree: JSONSchema = SCHEMAS.tree;

/** The binary messages of the feed, in the order in which they are asked for. */
export const BINARY = {
  media: (bytes: Uint8Array) => bytes[0] === 0x80,
  touchy: (bytes: Uint8Array) => {
    if (bytes[0] === 0x81) throw new Error(`cannot tell ${bytes.length} bytes`);
    return bytes.length > 3 && bytes.length % 7 === 0;
  },
} as const;

/** The feed as a payload type matrix. The orders carry their own digest. */
export function feedTypes<Unknown extends UnknownPolicy>(options: PayloadTypesOptions<Unknown>) {
  return definePayloadTypes(
    {
      order: jsonType(SCHEMAS.order, { checksum: embeddedDigest, identity: ({ id }) => id }),
      'a:b/"c"': jsonType(SCHEMAS['a:b/"c"']),
      日本: jsonType(SCHEMAS.日本),
      tree: jsonType(tree),
      media: binaryType({ firstByte: 0x80 }),
      touchy: binaryType({ recognises: BINARY.touchy }),
    },
    options,
  );
}
