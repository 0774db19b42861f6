import { defer, Observable, of, Subject, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../operators/errors.ts';
import { Flow } from '../operators/flow.ts';
import { reconnect } from '../operators/reconnect.ts';
import { watchdog, type WatchdogOptions } from '../operators/watchdog.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, record, stageContract } from './marbles.ts';

/** The failure, as `expectObservable` compares it. */
const silence = (timeout: number) =>
  expect.objectContaining({
    code: 'ERR_TIMEOUT',
    during: 'silence',
    timeout,
    message: `Nothing came for ${timeout} ms.`,
  }) as unknown;

stageContract(
  'watchdog',
  (scheduler) => watchdog({ timeout: 10, scheduler }),
  () => [raw('a'), raw('b', { sequence: 1 })],
);

describe('watchdog', () => {
  it(
    'errors when nothing arrives for the timeout',
    diagram('watchdog', { call: 'watchdog({ timeout: 5 })' }, ({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('--a----b----------');
      expectObservable(source.pipe(watchdog({ timeout: 5 }))).toBe('--a----b----#', undefined, silence(5));
      expectSubscriptions(source.subscriptions).toBe('^-----------!');
    }),
  );

  it(
    'counts from the subscription, so that it also errors where nothing ever arrives',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-').pipe(watchdog({ timeout: 5 })), '--^').toBe('-------#', undefined, silence(5));
    }),
  );

  it(
    'errors with a TimeoutError',
    marbles(({ cold, at, scheduler, pending }) => {
      const { log } = record(cold('-').pipe(watchdog({ timeout: 5, scheduler })), scheduler);
      at(6, () => {
        expect(log[0]?.error).toBeInstanceOf(TimeoutError);
        expect(pending()).toBe(0);
      });
    }),
  );

  it(
    'lets everything through where each comes before the timeout is over, however long that goes on',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('----a----b----c----d|').pipe(watchdog({ timeout: 5 }))).toBe('----a----b----c----d|');
    }),
  );

  it(
    'needs one timer, whatever arrives',
    marbles(({ scheduler, pending }) => {
      const source = new Subject<string>();
      const subscription = source.pipe(watchdog({ timeout: 20, scheduler })).subscribe();
      for (const value of ['a', 'b', 'c']) source.next(value);
      expect(pending()).toBe(1);
      subscription.unsubscribe();
      expect(pending()).toBe(0);
    }),
  );

  describe('leaves no timer behind', () => {
    it.each([
      ['a completion', '-a|', '-a|'],
      ['an error', '-a#', '-a#'],
    ])('after %s', (_, given, seen) =>
      marbles(({ cold, at, scheduler, pending, expectObservable }) => {
        expectObservable(cold(given).pipe(watchdog({ timeout: 500, scheduler }))).toBe(seen);
        at(3, () => expect(pending()).toBe(0));
      })(),
    );

    it(
      'after an end that comes while it subscribes',
      marbles(({ scheduler, pending }) => {
        of('a')
          .pipe(watchdog({ timeout: 5, scheduler }))
          .subscribe();
        expect(pending()).toBe(0);
      }),
    );
  });

  it('stops a source that emits while it is being subscribed to', () => {
    let emitted = 0;
    const source = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next((emitted += 1));
    });
    source.pipe(watchdog({ timeout: 5 }), take(2)).subscribe();
    expect(emitted).toBe(2);
  });

  it(
    'times each subscription on its own',
    marbles(({ cold, expectObservable }) => {
      const result = cold('--a').pipe(watchdog({ timeout: 5 }));
      expectObservable(result).toBe('--a----#', undefined, silence(5));
      expectObservable(result, '----^').toBe('------a----#', undefined, silence(5));
    }),
  );

  it(
    'has reconnect connect anew, and times the new connection from its start',
    marbles(({ cold, expectObservable }) => {
      const connections = [cold('-a--------'), cold('----b-----')];
      const source = defer(() => connections.shift() ?? of('c'));
      const result = source.pipe(watchdog({ timeout: 5 }), reconnect({ initialDelay: 2, random: () => 0.5 }));
      // Silent at 6; again at 7, silent at 16; again at 18
      expectObservable(result).toBe('-a---------b------(c|)');
    }),
  );

  describe('with a flow', () => {
    it(
      'takes no silence for one while the flow is held',
      marbles(({ cold, at, expectObservable }) => {
        const flow = new Flow();
        at(2, () => flow.hold(flow));
        at(40, () => flow.release(flow));
        expectObservable(cold('-a 43ms b|').pipe(watchdog({ timeout: 10, flow }))).toBe('-a 43ms b|');
      }),
    );

    it(
      'gives the source a whole timeout after a release',
      marbles(({ cold, at, expectObservable }) => {
        const flow = new Flow();
        at(2, () => flow.hold(flow));
        at(9, () => flow.release(flow));
        expectObservable(cold('-------------a|').pipe(watchdog({ timeout: 10, flow }))).toBe('-------------a|');
      }),
    );

    it(
      'errors at the latest two timeouts after a release',
      marbles(({ cold, at, expectObservable }) => {
        const flow = new Flow();
        at(2, () => flow.hold(flow));
        at(9, () => flow.release(flow));
        expectObservable(cold('-').pipe(watchdog({ timeout: 10, flow }))).toBe('20ms #', undefined, silence(10));
      }),
    );
  });

  it.each<[unknown, string]>([
    [
      {},
      'TypeError: watchdog: timeout must be a number of milliseconds, above 0 and at most 2147483647, got undefined',
    ],
    [
      { timeout: 0 },
      'RangeError: watchdog: timeout must be a number of milliseconds, above 0 and at most 2147483647, got 0',
    ],
    [
      { timeout: Infinity },
      'RangeError: watchdog: timeout must be a number of milliseconds, above 0 and at most 2147483647, got Infinity',
    ],
    [{ timeout: 5, flow: 0 }, 'TypeError: watchdog: flow must be an object with a method hold(), got 0'],
    [{ timeout: 5, flow: false }, 'TypeError: watchdog: flow must be an object with a method hold(), got false'],
    [{ timeout: 5, flow: {} }, 'TypeError: watchdog: flow must be an object with a method hold(), got an object'],
    [{ timeout: 5, scheduler: 5 }, 'TypeError: watchdog: scheduler must be an object with a method schedule(), got 5'],
    [{ timeOut: 5 }, 'TypeError: watchdog: there is no option "timeOut"; there are timeout, flow, scheduler'],
  ])('refuses %j', (options, message) => {
    expect(() => watchdog(options as WatchdogOptions)).toThrow(expect.toSatisfy((error) => String(error) === message));
  });
});
