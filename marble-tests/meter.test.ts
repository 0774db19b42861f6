import fc from 'fast-check';
import { map, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { definePayloadTypes } from '../operators/payload-types.ts';
import { jsonType } from '../operators/json-type.ts';
import { Meter, type MeterOptions } from '../operators/meter.ts';
import { RejectedFrame } from '../operators/frame.ts';
import { decodedFrame, marbles, parsedFrame, raw, record, rejectedFrame } from './marbles.ts';

const types = definePayloadTypes({ order: jsonType(true), toString: jsonType(true), ['__proto__']: jsonType(true) });

/** A clock that a test sets by hand. */
class HandClock {
  time = 0;

  now(): number {
    return this.time;
  }
}

const order = () => parsedFrame(types, 'order', {});

/** An order that `checksum` rejected. */
const rejectedOrder = () => new RejectedFrame(order(), 'checksum', 'checksum-mismatch', [{ message: 'wrong' }], false);

describe('Meter', () => {
  it('knows nothing before the first outcome', () => {
    expect(new Meter().snapshot()).toStrictEqual({
      frames: 0,
      accepted: 0,
      rejected: 0,
      skipped: 0,
      bytes: 0,
      byType: {},
      byReason: {},
      latency: undefined,
      latencyHistogram: {
        bounds: Array.from({ length: 25 }, (_, exponent) => 2 ** exponent / 1_000),
        counts: new Array<number>(26).fill(0),
        sum: 0,
      },
      throughput: 0,
      integrityRate: undefined,
    });
  });

  it('counts outcomes by payload type and by reason, and bytes', () => {
    const meter = new Meter({ window: 2 });
    const outcomes = [
      raw('12345'),
      order(),
      order(),
      decodedFrame(types, 'toString', {}),
      parsedFrame(types, '__proto__', {}),
      rejectedFrame('decode', 'malformed-json'),
      rejectedFrame('decode', 'malformed-json'),
      rejectedFrame('size-gate', 'oversize'),
    ];
    outcomes.forEach((outcome) => meter.record(outcome));
    meter.skip();
    const snapshot = meter.snapshot();
    expect(snapshot).toMatchObject({ frames: 8, accepted: 5, rejected: 3, skipped: 1, bytes: 5 + 4 * 2 + 3 });
    expect(Object.entries(snapshot.byType)).toStrictEqual([
      ['order', 2],
      ['toString', 1],
      ['__proto__', 1],
    ]);
    expect(snapshot.byReason).toStrictEqual({ 'malformed-json': 2, oversize: 1 });
  });

  it('counts a frame that was rejected after its type was known under its type, too', () => {
    const meter = new Meter();
    meter.record(order().withChecksum(true));
    meter.record(rejectedOrder());
    expect(meter.snapshot()).toMatchObject({ accepted: 1, rejected: 1, byType: { order: 2 } });
  });

  it('takes quantiles by rank, exactly, for every number of outcomes up to 2,000', () => {
    const clock = new HandClock();
    const meter = new Meter({ window: 2_000, clock });
    for (let count = 1; count <= 2_000; count += 1) {
      clock.time = 10_000;
      meter.record(raw('', { receivedAt: 10_000 - count }));
      // The latencies are 1 to count, so each quantile is its own rank.
      expect(meter.snapshot().latency).toStrictEqual({
        mean: (count + 1) / 2,
        p50: Math.floor((count + 1) / 2),
        p99: Math.floor((count * 99 + 99) / 100),
        p999: Math.floor((count * 999 + 999) / 1_000),
        max: count,
      });
    }
  });

  it('gives the quantiles of a sorted copy of the window, whatever the latencies and their order', () => {
    const latency = fc.oneof(
      fc.nat(20),
      fc.integer({ min: 0, max: 800_000 }).map((eighths) => eighths / 8),
    );
    fc.assert(
      fc.property(
        fc.array(latency, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 150 }),
        (all, window) => {
          const clock = new HandClock();
          const meter = new Meter({ window, clock });
          clock.time = 1_000_000;
          all.forEach((ms) => meter.record(raw('', { receivedAt: clock.time - ms })));
          const sorted = all.slice(-window).sort((a, b) => a - b);
          const atLeast = (permille: number) =>
            sorted.find((_, index) => (index + 1) * 1_000 >= permille * sorted.length);
          const actual = meter.snapshot().latency;
          expect(actual).toMatchObject({
            p50: atLeast(500),
            p99: atLeast(990),
            p999: atLeast(999),
            max: sorted.at(-1),
          });
          expect(actual?.mean).toBeCloseTo(sorted.reduce((a, b) => a + b) / sorted.length, 6);
          expect(meter.snapshot().frames).toBe(all.length);
        },
      ),
    );
  });

  it('lets the window slide: latency and integrity are of the last outcomes, counts are of all', () => {
    const clock = new HandClock();
    const meter = new Meter({ window: 3, clock });
    clock.time = 100;
    for (const [latency, valid] of [[90, false], [80, false], [1, true], [2, true], [3, false]] as const) {
      meter.record(parsedFrame(types, 'order', {}, { receivedAt: 100 - latency }).withChecksum(valid));
    } // prettier-ignore
    expect(meter.snapshot()).toMatchObject({
      frames: 5,
      latency: { mean: 2, p50: 2, max: 3 },
      integrityRate: 2 / 3,
    });
  });

  it('counts all latencies in buckets whose bounds, powers of two in microseconds, are inclusive', () => {
    const clock = new HandClock();
    const meter = new Meter({ window: 1, clock });
    const bounds = meter.snapshot().latencyHistogram.bounds;
    const bucketsOf = (latency: number) => {
      const before = meter.snapshot().latencyHistogram.counts;
      clock.time = latency;
      meter.record(parsedFrame(types, 'order', {}, { receivedAt: 0 }));
      const after = meter.snapshot().latencyHistogram.counts;
      return after.flatMap((count, bucket) => (count > before[bucket]! ? [bucket] : []));
    };
    for (const [bucket, bound] of bounds.entries()) {
      expect(bucketsOf(bound), `${bound} ms`).toStrictEqual([bucket]);
      expect(bucketsOf(bound + 0.000_5), `more than ${bound} ms`).toStrictEqual([bucket + 1]);
    }
    expect(bucketsOf(0)).toStrictEqual([0]);
    expect(bucketsOf(1e9)).toStrictEqual([25]);
    const total = bounds.reduce((sum, bound) => sum + 2 * bound + 0.000_5, 0) + 1e9;
    expect(meter.snapshot().latencyHistogram.sum).toBeCloseTo(total, 3);
  });

  it('covers the last 1,000 outcomes by default', () => {
    const clock = new HandClock();
    const meter = new Meter({ clock });
    clock.time = 50;
    meter.record(raw('', { receivedAt: 0 }));
    for (let count = 1; count < 1_000; count += 1) meter.record(raw('', { receivedAt: 50 }));
    expect(meter.snapshot().latency?.max).toBe(50);
    meter.record(raw('', { receivedAt: 50 }));
    expect(meter.snapshot().latency?.max).toBe(0);
  });

  it('measures on the clock that connect stamps frames with by default', () => {
    const meter = new Meter();
    meter.record(raw('', { receivedAt: performance.now() - 5_000 }));
    const latency = meter.snapshot().latency?.max;
    expect(latency).toBeGreaterThanOrEqual(5_000);
    expect(latency).toBeLessThan(10_000);
  });

  it('has no integrity rate while nothing was compared', () => {
    const meter = new Meter({ window: 2 });
    meter.record(order());
    meter.record(raw('a'));
    meter.record(rejectedFrame());
    expect(meter.snapshot().integrityRate).toBeUndefined();
    meter.record(order().withChecksum(false));
    expect(meter.snapshot().integrityRate).toBe(0);
    meter.record(order().withChecksum(true));
    expect(meter.snapshot().integrityRate).toBe(0.5);
    meter.record(raw('a'));
    meter.record(order());
    expect(meter.snapshot().integrityRate, 'the compared ones have left the window').toBeUndefined();
  });

  it('counts a checksum mismatch as a wrong digest, though the frame was rejected', () => {
    const meter = new Meter();
    meter.record(order().withChecksum(true));
    meter.record(rejectedOrder());
    expect(meter.snapshot().integrityRate).toBe(0.5);
  });

  it('gives the throughput over the window, which falls while nothing comes', () => {
    const clock = new HandClock();
    const meter = new Meter({ window: 11, clock });
    meter.record(raw('a'));
    expect(meter.snapshot().throughput, 'one outcome has no rate').toBe(0);
    for (let count = 1; count <= 10; count += 1) {
      clock.time += 10;
      meter.record(raw('a'));
      expect(meter.snapshot().throughput).toBe(100);
    }
    clock.time += 100;
    expect(meter.snapshot().throughput).toBe(50);
    clock.time += 9_800;
    expect(meter.snapshot().throughput).toBe(1);
    for (let count = 1; count <= 16; count += 1) {
      clock.time += 1;
      meter.record(raw('a'));
    }
    expect(meter.snapshot().throughput, 'the pause has left the window').toBe(1_000);
  });

  it('has no throughput where no time has passed', () => {
    const meter = new Meter({ clock: new HandClock() });
    meter.record(raw('a'));
    meter.record(raw('b'));
    expect(meter.snapshot().throughput).toBe(0);
  });

  it('gives snapshots that later outcomes do not change', () => {
    const meter = new Meter();
    meter.record(order());
    const before = meter.snapshot();
    const copy = structuredClone(before);
    meter.record(order());
    meter.record(rejectedFrame());
    expect(before).toStrictEqual(copy);
  });

  it.each<[unknown, string]>([
    [{ window: 0 }, 'RangeError: Meter: window must be a positive integer, got 0'],
    [{ window: 1.5 }, 'RangeError: Meter: window must be a positive integer, got 1.5'],
    [{ window: '9' }, 'TypeError: Meter: window must be a positive integer, got "9"'],
    [{ clock: {} }, 'TypeError: Meter: clock must be an object with a method now(), got an object'],
    [{ size: 9 }, 'TypeError: Meter: there is no option "size"; there are window, clock'],
  ])('refuses %j', (options, message) => {
    expect(() => new Meter(options as MeterOptions)).toThrow(expect.toSatisfy((error) => String(error) === message));
  });
});

describe('Meter.snapshots', () => {
  it(
    'gives a snapshot at once and one each period, until unsubscribed',
    marbles(({ scheduler, at, pending, expectObservable }) => {
      const meter = new Meter({ clock: scheduler });
      const counts = meter.snapshots(3, scheduler).pipe(map(({ frames }) => frames));
      at(2, () => meter.record(raw('a')));
      at(4, () => {
        meter.record(raw('b'));
        meter.record(raw('c'));
      });
      expectObservable(counts, '^--------!').toBe('0--1--3--', { 0: 0, 1: 1, 3: 3 });
      at(9, () => expect(pending(), 'actions still scheduled').toBe(0));
    }),
  );

  it(
    'comes each second by default, on its own for each subscriber',
    marbles(({ scheduler, at, pending }) => {
      const meter = new Meter({ clock: scheduler });
      const first = record(meter.snapshots().pipe(take(3)), scheduler);
      let second: ReturnType<typeof record> | undefined;
      at(500, () => (second = record(meter.snapshots().pipe(take(2)), scheduler)));
      at(2_001, () => {
        expect(first.log.map((entry) => entry.at)).toStrictEqual([0, 1_000, 2_000, 2_000]);
        expect(second?.log.map((entry) => entry.at)).toStrictEqual([500, 1_500, 1_500]);
        expect(pending(), 'actions still scheduled').toBe(0);
      });
    }),
  );

  it('counts nothing and runs nothing before it is subscribed to', marbles(({ scheduler, pending }) => {
    new Meter({ clock: scheduler }).snapshots(5, scheduler);
    expect(pending()).toBe(0);
  })); // prettier-ignore

  it.each<[unknown, string]>([
    [0, 'RangeError: Meter.snapshots: period must be a number of milliseconds, above 0 and at most 2147483647, got 0'],
    [
      NaN,
      'RangeError: Meter.snapshots: period must be a number of milliseconds, above 0 and at most 2147483647, got NaN',
    ],
    [
      '1',
      'TypeError: Meter.snapshots: period must be a number of milliseconds, above 0 and at most 2147483647, got "1"',
    ],
  ])('refuses a period of %j', (period, message) => {
    expect(() => new Meter().snapshots(period as number)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });
});
