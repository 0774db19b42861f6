import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base64 } from '../operators/base64.ts';

describe('base64', () => {
  it('writes what Buffer writes, for every length from 0 to 300', () => {
    for (let length = 0; length <= 300; length += 1) {
      const bytes = randomBytes(length);
      expect(base64(bytes)).toBe(bytes.toString('base64'));
    }
  });

  it('writes every byte value', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  });

  it.each([32_767, 32_768, 32_769, 65_537, 1_048_576])('writes %i bytes', (length) => {
    const bytes = new Uint8Array(randomBytes(length));
    // Compared as a flag: a difference of a megabyte would not be readable.
    expect(base64(bytes) === Buffer.from(bytes).toString('base64')).toBe(true);
  });

  it('writes only what a view shows of its buffer', () => {
    expect(base64(Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 4))).toBe('AgME');
  });
});
