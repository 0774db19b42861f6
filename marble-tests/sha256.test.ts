import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 as sha256OfNode } from '../operators/sha256.node.ts';
import { sha256 as sha256Anywhere } from '../operators/sha256.ts';

describe.each([
  ['in Node', sha256OfNode],
  ['anywhere', sha256Anywhere],
])('sha256 %s', (_where, sha256) => {
  it.each(['base64', 'hex'] as const)('writes the digest of any bytes in %s', (encoding) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(sha256(bytes, encoding)).toBe(createHash('sha256').update(bytes).digest(encoding));
      }),
    );
  });
});
