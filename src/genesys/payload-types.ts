import type { ChecksumRule } from '../../operators/payload-type.ts';
import { binaryType, jsonType } from '../../operators/payload-type.ts';
import { definePayloadTypes } from '../../operators/payload-types.ts';

/** A digest as RFC 9530 writes it: the algorithm, and 32 bytes in base64 between colons. */
const SHA_256 = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

/**
 * The rule for a payload that carries its own digest in a top-level member `digest`: SHA-256 over the bytes as sent, the
 * 44 characters of the digest replaced by zeros. A payload without such a member has nothing to compare.
 */
const embeddedDigest: ChecksumRule<{ readonly [member: string]: unknown }> = {
  expected: ({ digest }) => (typeof digest === 'string' ? SHA_256.exec(digest)?.[1] : undefined),
  covers({ digest }, { rawData }) {
    const value = new TextEncoder().encode((digest as string).slice('sha-256=:'.length, -1));
    const bytes = rawData.slice();
    const start = indexOf(bytes, value);
    return start < 0 ? bytes : bytes.fill(0x30, start, start + value.length);
  },
};

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  const first = part[0] as number;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (part.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}

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
