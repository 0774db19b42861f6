import { createHash } from 'node:crypto';

const ZEROS = '0'.repeat(44);
const PLACEHOLDER = `sha-256=:${ZEROS}:`;

/** The value of a `digest` member that has yet to be sealed. */
export const UNSEALED_DIGEST = PLACEHOLDER;

/**
 * **Fills in the `digest` of a frame, in place.**
 *
 * A frame with a digest is a JSON text with a member `digest` of the form `sha-256=:<base64>:` (RFC 9530 section 2:
 * algorithm and byte sequence), which stands once in the text. The rule: the digest is the SHA-256 of the frame's bytes
 * in which the 44 characters of that base64 value are replaced by 44 characters `0` (0x30). To check a frame, replace
 * them the same way, hash, and compare.
 *
 * @param bytes - a frame made with {@link UNSEALED_DIGEST} as its digest
 * @param wrong - seals it with the digest of something else, for a frame that must fail the check
 */
export function sealDigest(bytes: Buffer, wrong = false): Buffer {
  const start = bytes.indexOf(PLACEHOLDER);
  if (start < 0) throw new Error('sealDigest: the frame has no unsealed digest');
  const hash = createHash('sha256').update(bytes);
  if (wrong) hash.update('tampered with');
  bytes.write(hash.digest('base64'), start + 'sha-256=:'.length, 'latin1');
  return bytes;
}
