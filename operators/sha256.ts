import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/** SHA-256 in base64 or hex, wherever there is no `node:crypto`: browsers' own digest is asynchronous, a stage is not. */
export function sha256(bytes: Uint8Array, encoding: 'base64' | 'hex'): string {
  const digest = nobleSha256(bytes);
  if (encoding === 'hex') return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return btoa(String.fromCharCode(...digest));
}
