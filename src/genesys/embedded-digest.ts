import { sha256 } from '#sha256';
import type { ChecksumRule } from '../../operators/payload-type.ts';

/** A digest as RFC 9530 writes it: the algorithm, and 32 bytes in base64 between colons. */
const SHA_256 = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

/** In front of the 44 characters; `=` is rare in JSON, so few places are looked at. */
const EQUALS = '='.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);

/** Where payloads up to this size are copied to, one after the other: memory for each would cost more than all the rest. */
const copy = new Uint8Array(64 * 1024);

/**
 * **The checksum rule for a payload that carries its own digest** in a top-level member `digest`, as `sha-256=:…:` (RFC 9530):
 * SHA-256 over the bytes as sent, the 44 characters of the digest replaced by `0`. It has to stand there without escapes. A
 * payload without such a member has nothing to compare.
 *
 * For a schema of your own: `jsonType(schema, { checksum: embeddedDigest })`. What `covers` gives is good until the next call.
 */
export const embeddedDigest: ChecksumRule<{ readonly [member: string]: unknown }> = {
  expected: ({ digest }) => (typeof digest === 'string' ? SHA_256.exec(digest)?.[1] : undefined),
  covers({ digest }, { rawData }) {
    const value = (digest as string).slice('sha-256=:'.length, -1);
    // Not `slice`, which of a Buffer is a view: the frame would lose the digest that it came with.
    const bytes = rawData.length > copy.length ? new Uint8Array(rawData.length) : copy.subarray(0, rawData.length);
    bytes.set(rawData);
    const start = startOf(value, bytes);
    return start < 0 ? bytes : bytes.fill(ZERO, start, start + value.length);
  },
  digest: (bytes) => sha256(bytes, 'base64'),
};

/** Where the digest stands, which `=:` goes before. */
function startOf(value: string, bytes: Uint8Array): number {
  for (let at = bytes.indexOf(EQUALS); at >= 0; at = bytes.indexOf(EQUALS, at + 1)) {
    if (bytes[at + 1] === COLON && standsAt(at + 2, value, bytes)) return at + 2;
  }
  return -1;
}

function standsAt(start: number, text: string, bytes: Uint8Array): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
