import type { ChecksumRule } from '../../operators/payload-type.ts';

/** A digest as RFC 9530 writes it: the algorithm, and 32 bytes in base64 between colons. */
const SHA_256 = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

/**
 * **The checksum rule for a payload that carries its own digest** in a top-level member `digest`, as `sha-256=:…:` (RFC 9530):
 * SHA-256 over the bytes as sent, the 44 characters of the digest replaced by `0`. It has to stand there without escapes. A
 * payload without such a member has nothing to compare.
 *
 * For a schema of your own: `jsonType(schema, { checksum: embeddedDigest })`.
 */
export const embeddedDigest: ChecksumRule<{ readonly [member: string]: unknown }> = {
  expected: ({ digest }) => (typeof digest === 'string' ? SHA_256.exec(digest)?.[1] : undefined),
  covers({ digest }, { rawData }) {
    const value = new TextEncoder().encode((digest as string).slice('sha-256=:'.length, -1));
    // Not `slice`, which of a Buffer is a view: the frame would lose the digest that it came with.
    const bytes = new Uint8Array(rawData);
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
