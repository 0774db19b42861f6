import { createHash } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { base64 } from '../../../operators/base64.ts';
import { checksum } from '../../../operators/checksum.ts';
import { decode } from '../../../operators/decode.ts';
import { jsonType } from '../../../operators/json-type.ts';
import { definePayloadTypes } from '../../../operators/payload-types.ts';
import { sha256 as nodeSha256 } from '../../../operators/sha256.node.ts';
import { sha256 as plainSha256 } from '../../../operators/sha256.ts';
import { embeddedDigest } from '../../../src/genesys/embedded-digest.ts';
import { fuzz } from './fuzz.ts';
import { Message } from './message.ts';
import { mutated } from './mutated.ts';

/** Bytes of every length around those at which the parts of an algorithm change, as a view of a larger buffer. */
const bytes: Arbitrary<Uint8Array> = fc
  .tuple(
    fc.oneof(
      { weight: 20, arbitrary: fc.nat(300) },
      { weight: 1, arbitrary: fc.integer({ min: 32_760, max: 32_776 }) },
    ),
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    fc.nat(5),
  )
  .map(([length, pattern, offset]) => {
    const buffer = Uint8Array.from({ length: length + 2 * offset }, (_, at) => pattern[at % pattern.length]! ^ at);
    return buffer.subarray(offset, offset + length);
  });

describe('digests', () => {
  it('are what node:crypto computes, with and without node:crypto, in hex and in base64', async () => {
    await fuzz(bytes, (value) => {
      for (const encoding of ['hex', 'base64'] as const) {
        const expected = createHash('sha256').update(value).digest(encoding);
        expect(nodeSha256(value, encoding)).toBe(expected);
        expect(plainSha256(value, encoding)).toBe(expected);
      }
    });
  });

  it('and base64 is what Buffer writes', async () => {
    await fuzz(bytes, (value) => {
      // Compared as a flag: the difference of two long texts is not readable, and takes long to find.
      expect(base64(value) === Buffer.from(value).toString('base64')).toBe(true);
    });
  });
});

describe('a digest in the payload', () => {
  const types = definePayloadTypes({ a: jsonType(true, { checksum: embeddedDigest }) });
  const zeros = '0'.repeat(44);

  function checksumOf(payload: Uint8Array): boolean | undefined | 'rejected before' {
    let valid: boolean | undefined | 'rejected before' = 'rejected before';
    from([new Message(payload, false).frame()])
      .pipe(decode(types), checksum())
      .subscribe((outcome) => {
        if (outcome.kind === 'decoded' || outcome.stage === 'checksum') valid = outcome.checksumValid;
      });
    return valid;
  }

  /** A payload with a digest somewhere among its members, and that digest. */
  const sealed = fc
    .tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()))
    .map(([before, after]) => {
      const unsealed = JSON.stringify({ ...before, type: 'a', digest: `sha-256=:${zeros}:`, after });
      const digest = createHash('sha256').update(unsealed).digest('base64');
      return { bytes: Buffer.from(unsealed.replace(`sha-256=:${zeros}:`, `sha-256=:${digest}:`)), digest };
    });

  it('is right where nothing was changed', async () => {
    await fuzz(sealed, (payload) => {
      expect(checksumOf(payload.bytes)).toBe(true);
    });
  });

  it('never counts as right where a byte outside of it was changed', async () => {
    await fuzz(
      fc.tuple(sealed, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1 })),
      ([payload, changes]) => {
        const changed = Uint8Array.from(payload.bytes);
        for (const [at, by] of changes) changed[at % changed.length]! ^= by;
        if (payload.bytes.equals(changed)) return;
        expect(checksumOf(changed)).not.toBe(true);
      },
    );
  });

  it('is judged as node:crypto does, whatever was done to the payload', async () => {
    await fuzz(mutated(sealed.map((payload) => payload.bytes)), (payload) => {
      const valid = checksumOf(payload);
      if (valid !== true && valid !== false) return;
      const text = Buffer.from(payload).toString('latin1');
      const { digest } = JSON.parse(Buffer.from(payload).toString()) as { digest: string };
      const given = digest.slice('sha-256=:'.length, -1);
      const actual = createHash('sha256').update(text.replace(given, zeros), 'latin1').digest('base64');
      expect(valid).toBe(actual === given);
    });
  });
});
