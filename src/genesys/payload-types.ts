import { binaryType } from '../../operators/binary-type.ts';
import { jsonType } from '../../operators/json-type.ts';
import { definePayloadTypes } from '../../operators/payload-types.ts';
import { embeddedDigest } from './embedded-digest.ts';

/**
 * **The payload types of the Genesys Cloud streaming endpoint.**
 *
 * | type | message | recognised by | schema |
 * |---|---|---|---|
 * | `interaction.update` | JSON | `type` | an object with the strings `id` and `type` and the object `routing` |
 * | `telephony.media` | binary | first byte 0x80 | – |
 * | `keepalive` | JSON | `type` | an object with `type` |
 *
 * An `interaction.update` with a member `digest` (`sha-256=:…:`, RFC 9530) has a checksum: SHA-256 over the payload as
 * received, with the 44 base64 characters of the digest replaced by `0`.
 */
export const genesysTypes = definePayloadTypes({
  'interaction.update': jsonType(
    {
      type: 'object',
      properties: { id: { type: 'string' }, type: { type: 'string' }, routing: { type: 'object' } },
      required: ['id', 'type', 'routing'],
    },
    { checksum: embeddedDigest },
  ),
  'telephony.media': binaryType({ firstByte: 0x80 }),
  keepalive: jsonType({ type: 'object', properties: { type: { type: 'string' } }, required: ['type'] }),
});
