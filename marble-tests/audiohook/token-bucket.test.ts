import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../src/genesys/audiohook/token-bucket.ts';

/** What the platform allows a server. */
const PLATFORM = { rate: 5, burst: 25 };

describe('TokenBucket', () => {
  it('gives a burst at once, and then one token at a time', () => {
    const bucket = new TokenBucket(PLATFORM);
    const taken = Array.from({ length: 30 }, () => bucket.take(1_000));
    expect(taken.filter(Boolean)).toHaveLength(25);
    expect(bucket.readyAt(1_000)).toBe(1_200);
    expect(bucket.take(1_199)).toBe(false);
    expect(bucket.take(1_200)).toBe(true);
    expect(bucket.take(1_200)).toBe(false);
    expect(bucket.readyAt(1_201)).toBe(1_400);
  });

  it('is full again after a pause, and no fuller after a longer one', () => {
    for (const pause of [5_000, 5_000_000]) {
      const bucket = new TokenBucket(PLATFORM);
      for (let count = 0; count < 25; count += 1) bucket.take(0);
      const taken = Array.from({ length: 100 }, () => bucket.take(pause));
      expect(taken.filter(Boolean)).toHaveLength(25);
    }
  });

  it('has a token ready now where it has one', () => {
    const bucket = new TokenBucket({ rate: 1, burst: 2 });
    expect(bucket.readyAt(-7)).toBe(-7);
    bucket.take(-7);
    expect(bucket.readyAt(-7)).toBe(-7);
    bucket.take(-7);
    expect(bucket.readyAt(-7)).toBe(993);
  });

  it('gives so many at once, or none of them', () => {
    const bucket = new TokenBucket(PLATFORM);
    expect(bucket.take(0, 26)).toBe(false);
    expect(bucket.take(0, 20)).toBe(true);
    expect(bucket.take(0, 6)).toBe(false);
    expect(bucket.take(0, 5)).toBe(true);
    expect(bucket.take(599, 3)).toBe(false);
    expect(bucket.take(600, 3)).toBe(true);
    expect(bucket.take(1e9, 25)).toBe(true);
    expect(bucket.readyAt(1e9)).toBe(1e9 + 200);
  });

  it('may be owed some, but not more than it holds', () => {
    const bucket = new TokenBucket(PLATFORM);
    for (let count = 0; count < 30; count += 1) bucket.spend(0);
    expect(bucket.readyAt(0)).toBe(1_200);
    for (let count = 0; count < 1_000; count += 1) bucket.spend(0);
    expect(bucket.readyAt(0)).toBe(5_200);
  });

  it('gives no token more where the clock goes back', () => {
    const bucket = new TokenBucket({ rate: 1, burst: 1 });
    expect(bucket.take(1_000)).toBe(true);
    expect(bucket.take(0)).toBe(false);
    expect(bucket.take(1_999)).toBe(false);
    expect(bucket.take(2_000)).toBe(true);
  });

  const options = fc.record({
    rate: fc.double({ min: 0.1, max: 200, noNaN: true }),
    burst: fc.integer({ min: 1, max: 40 }),
  });
  const asks = fc.array(
    fc.record({ after: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true })) }),
    {
      maxLength: 150,
    },
  );
  const start = fc.double({ min: 0, max: 2e12, noNaN: true });

  it('gives no more than burst + rate × t in any time', () => {
    fc.assert(
      fc.property(options, asks, start, ({ rate, burst }, arrivals, from) => {
        const bucket = new TokenBucket({ rate, burst });
        const given: number[] = [];
        let now = from;
        for (const { after } of arrivals) {
          now += after;
          if (bucket.take(now)) given.push(now);
        }
        given.forEach((first, index) => {
          given.slice(index).forEach((last, more) => {
            // A thousandth of a token for the rounding of large times.
            expect(more + 1).toBeLessThanOrEqual(burst + (rate * (last - first)) / 1000 + 1e-3 * Math.max(1, rate));
          });
        });
      }),
    );
  });

  it('gives all that there are, as a bucket that is counted in whole milliseconds of filling', () => {
    // 1000 divided by a power of two is exact, there and back.
    const exact = fc.record({
      interval: fc.nat(10).map((power) => 2 ** power),
      burst: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(exact, fc.array(fc.nat(2_000)), ({ interval, burst }, waits) => {
        const bucket = new TokenBucket({ rate: 1000 / interval, burst });
        let filling = burst * interval;
        let now = 0;
        for (const wait of waits) {
          now += wait;
          filling = Math.min(burst * interval, filling + wait);
          const missing = Math.max(0, interval - filling);
          expect(bucket.readyAt(now)).toBe(now + missing);
          expect(bucket.take(now)).toBe(missing === 0);
          if (missing === 0) filling -= interval;
        }
      }),
    );
  });

  it('has a token when it said that it would', () => {
    fc.assert(
      fc.property(options, start, fc.integer({ min: 1, max: 100 }), ({ rate, burst }, from, count) => {
        const bucket = new TokenBucket({ rate, burst });
        let now = from;
        for (let taken = 0; taken < count; taken += 1) {
          now = bucket.readyAt(now);
          expect(bucket.take(now)).toBe(true);
        }
      }),
    );
  });
});
