import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingMean } from '../operators/sliding-mean.ts';

const SLOTS = 60;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('SlidingMean', () => {
  it('has no mean before the first value, and that value after it', () => {
    const sliding = new SlidingMean(60);
    expect([sliding.count, sliding.mean()]).toStrictEqual([0, NaN]);
    sliding.add(7, 1_000);
    expect([sliding.count, sliding.mean()]).toStrictEqual([1, 7]);
  });

  it('keeps a value for the window, and no longer', () => {
    const sliding = new SlidingMean(60);
    sliding.add(10, 1_000);
    sliding.add(20, 1_059);
    expect([sliding.count, sliding.mean()]).toStrictEqual([2, 15]);
    sliding.add(30, 1_060);
    expect([sliding.count, sliding.mean()]).toStrictEqual([2, 25]);
    sliding.add(40, 9_000);
    expect([sliding.count, sliding.mean()]).toStrictEqual([1, 40]);
  });

  it('is the mean of the values in the window, which is exact to one slot', () => {
    const values = fc.array(fc.record({ after: fc.nat(400), value: fc.nat(10_000_000) }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.integer({ min: 60, max: 1_200 }), fc.nat(1e13), (arrivals, window, start) => {
        const sliding = new SlidingMean(window);
        const seen: { readonly at: number; readonly value: number }[] = [];
        let now = start;
        for (const { after, value } of arrivals) {
          now += after;
          sliding.add(value, now);
          seen.push({ at: now, value });
          const since = (length: number) => seen.filter(({ at }) => now - at < length).length;
          // The slots begin at a fraction of a millisecond: one millisecond more, for its rounding.
          expect(sliding.count).toBeGreaterThanOrEqual(since(window - window / SLOTS - 1));
          expect(sliding.count).toBeLessThanOrEqual(since(window + 1));
          const inWindow = seen.slice(-sliding.count).map((arrival) => arrival.value);
          expect(sliding.mean()).toBeCloseTo(mean(inWindow), 6);
        }
      }),
    );
  });

  it('stays where it is while the clock goes back', () => {
    const sliding = new SlidingMean(60);
    sliding.add(10, 1_000);
    sliding.add(20, 900);
    expect([sliding.count, sliding.mean()]).toStrictEqual([2, 15]);
    sliding.add(30, 1_059);
    expect([sliding.count, sliding.mean()]).toStrictEqual([3, 20]);
  });
});
