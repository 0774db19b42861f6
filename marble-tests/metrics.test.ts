import { catchError, NEVER, of, retry, share, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { accepted } from '../operators/accepted.ts';
import type { AnyFrame } from '../operators/frame.ts';
import { Meter } from '../operators/meter.ts';
import { metrics } from '../operators/metrics.ts';
import { sizeGate } from '../operators/size-gate.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, record, rejectedFrame, stageContract } from './marbles.ts';

describe('metrics', () => {
  it(
    'records each outcome once, rejected ones too, and passes the same objects on',
    marbles(({ cold, scheduler, at }) => {
      const meter = new Meter({ clock: scheduler });
      const [a, x, c] = [raw('a'), rejectedFrame(), raw('ccc', { sequence: 2 })];
      const seen = record(cold('-a-x-c-|', { a, x, c }).pipe(metrics(meter)), scheduler);
      at(7, () => {
        expect(seen.log.map(({ next }) => next)).toStrictEqual([a, x, c, undefined]);
        [a, x, c].forEach((frame, index) => expect(seen.log[index]?.next).toBe(frame));
        expect(meter.snapshot()).toMatchObject({ frames: 3, accepted: 2, rejected: 1, bytes: 5 });
      });
    }),
  );

  it(
    'records an outcome when it passes',
    diagram('metrics', { call: 'metrics(meter)', labels: ['in', 'out', 'meter'] }, ({ cold, expectObservable }) => {
      const values = { a: raw('a'), x: rejectedFrame(), c: raw('c', { sequence: 2 }) };
      const recorded$ = new Subject<AnyFrame>();
      const meter = { record: (outcome: AnyFrame) => recorded$.next(outcome) };
      expectObservable(cold('-a--x--c--|', values).pipe(metrics(meter))).toBe('-a--x--c--|', values);
      expectObservable(recorded$).toBe('-a--x--c---', values);
    }),
  );

  it(
    'measures the time from receipt to where it stands, and records before the frame goes on',
    marbles(({ cold, scheduler, at }) => {
      const meter = new Meter({ clock: scheduler });
      const counts: number[] = [];
      cold('---a-|', { a: raw('a', { receivedAt: 1 }) })
        .pipe(metrics(meter))
        .subscribe(() => counts.push(meter.snapshot().frames));
      at(5, () => {
        expect(counts).toStrictEqual([1]);
        expect(meter.snapshot().latency).toStrictEqual({ mean: 2, p50: 2, p99: 2, p999: 2, max: 2 });
      });
    }),
  );

  it(
    'sees what the stages before it rejected where it stands before accepted()',
    marbles(({ cold, scheduler, at, expectObservable }) => {
      const meter = new Meter({ clock: scheduler });
      const [a, b] = [raw('aa'), raw('bbb', { sequence: 1 })];
      const source = cold('ab|', { a, b });
      expectObservable(source.pipe(sizeGate({ maxBytes: 2 }), metrics(meter), accepted())).toBe('a-|', { a });
      at(2, () => expect(meter.snapshot()).toMatchObject({ accepted: 1, rejected: 1, byReason: { oversize: 1 } }));
    }),
  );

  it(
    'goes on counting in the same meter after a reconnection',
    marbles(({ cold, scheduler, at }) => {
      const meter = new Meter({ clock: scheduler });
      cold('a-#', { a: raw('a') })
        .pipe(
          metrics(meter),
          retry(2),
          catchError(() => NEVER),
        )
        .subscribe();
      at(3, () => expect(meter.snapshot().frames).toBe(2));
      at(7, () => expect(meter.snapshot().frames).toBe(3));
    }),
  );

  it(
    'counts what each of two subscribers gets, and both streams that share one meter',
    marbles(({ cold, scheduler, at }) => {
      const meter = new Meter({ clock: scheduler });
      const shared = cold('-a-|', { a: raw('a') }).pipe(share());
      shared.pipe(metrics(meter)).subscribe();
      shared.pipe(metrics(meter)).subscribe();
      of(raw('b')).pipe(metrics(meter)).subscribe();
      at(3, () => expect(meter.snapshot().frames).toBe(3));
    }),
  );

  it.each<[unknown, string]>([
    [undefined, 'TypeError: metrics: meter must be an object with a method record(), got undefined'],
    [null, 'TypeError: metrics: meter must be an object with a method record(), got null'],
    [{ window: 5 }, 'TypeError: metrics: meter must be an object with a method record(), got an object'],
  ])('refuses %j as a meter', (meter, message) => {
    expect(() => metrics(meter as Meter)).toThrow(expect.toSatisfy((error) => String(error) === message));
  });
});

stageContract(
  'metrics',
  (scheduler) => metrics(new Meter({ clock: scheduler })),
  () => [raw('a'), raw('b', { sequence: 1 })],
);
