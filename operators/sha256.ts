import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { base64 } from './base64.ts';
import { hex } from './hex.ts';

/** SHA-256 in base64 or hex, wherever there is no `node:crypto`: browsers' own digest is asynchronous, a stage is not. */
export function sha256(bytes: Uint8Array, encoding: 'base64' | 'hex'): string {
  const digest = nobleSha256(bytes);
  if (encoding === 'base64') return base64(digest);
  return hex(digest);
}
