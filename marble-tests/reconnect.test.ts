import { asyncScheduler, BehaviorSubject, defer, throwError, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../operators/connection-state.ts';
import {
  AuthError,
  ClosedError,
  GaveUpError,
  InsecureUrlError,
  NetworkError,
  ScopeError,
  ThrottledError,
  TimeoutError,
  TlsError,
  UpgradeError,
  UrlError,
  type RxFrameError,
} from '../operators/errors.ts';
import type { FailureClass } from '../operators/failure-class.ts';
import { reconnect, type ReconnectOptions } from '../operators/reconnect.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, record, stageContract } from './marbles.ts';

/** The middle of the range, so that the first backoff waits are 500 ms, 1 s, 2 s, … */
const random = () => 0.5;

/** The top of the range, to read the ceilings: 1 s, 2 s, 4 s, … */
const highest = () => 1;

/** The error of a connection that had been open for that long, as `connect` makes it. */
function after<E extends RxFrameError>(openFor: number, error: E): E {
  error.openFor = openFor;
  return error;
}

const refused = () => after(0, new NetworkError('Connection refused.'));
const dropped = (openFor: number) => after(openFor, new ClosedError(1006, ''));
const unauthorised = () => after(0, new AuthError('401', 401));
const policyViolation = (openFor = 0) => after(openFor, new ClosedError(1008, ''));

/** A source that is another Observable each time it is subscribed to; the last of them from then on. */
function attempts(...sources: Observable<string>[]): { source: Observable<string>; count: () => number } {
  let count = 0;
  return { source: defer(() => sources[Math.min(count++, sources.length - 1)]!), count: () => count };
}

/** A source that fails each time at once, with the next of these errors; the last of them from then on. */
const failing = (...errors: unknown[]) =>
  attempts(...errors.map((error) => throwError(() => error) as Observable<string>));

/** An Observer that keeps what it is told. */
function stateLog(): { states: ConnectionState[]; state: { next: (state: ConnectionState) => void } } {
  const states: ConnectionState[] = [];
  return { states, state: { next: (state) => void states.push(state) } };
}

const delaysOf = (states: readonly ConnectionState[]) =>
  states.map((state) => (state.status === 'waiting' ? state.delay : state.status));

describe('reconnect', () => {
  it(
    'subscribes again after a wait',
    diagram(
      'reconnect',
      { call: 'reconnect({ random: () => 0.5 })', labels: ['first', 'second', 'out'] },
      ({ cold, expectObservable }) => {
        const first = cold('--a--b--#', undefined, dropped(0));
        const second = cold('--c--d--|');
        const result = attempts(first, second).source.pipe(reconnect({ random: () => 0.5 }));
        expectObservable(result).toBe('--a--b-- 500ms --c--d--|');
      },
    ),
  );
});

describe('reconnect, by the failure table', () => {
  const waits: [string, unknown, FailureClass, number][] = [
    ['401 at upgrade', new AuthError('', 401), 'auth', 2_000],
    ['403 at upgrade', new AuthError('', 403), 'auth', 2_000],
    ['a refusal by the token endpoint', new AuthError('', 400, 'invalid_client'), 'auth', 2_000],
    ['429 with Retry-After', new ThrottledError('', 429, 5_000), 'throttled', 5_500],
    ['429 without', new ThrottledError('', 429, undefined), 'throttled', 500],
    ['503 with Retry-After', new ThrottledError('', 503, 60_000), 'throttled', 60_500],
    ['500 at upgrade', new UpgradeError('', 500), 'transient', 500],
    ['502 at upgrade', new UpgradeError('', 502), 'transient', 500],
    ['503 without Retry-After', new UpgradeError('', 503), 'transient', 500],
    ['DNS or TCP', new NetworkError(''), 'transient', 500],
    ['a handshake that timed out', new TimeoutError('', 'handshake', 1), 'transient', 500],
    ['a heartbeat that was not answered', new TimeoutError('', 'heartbeat', 1), 'transient', 500],
    ['the watchdog', new TimeoutError('', 'silence', 1), 'transient', 500],
    ['a token that did not come', new TimeoutError('', 'token', 1), 'transient', 500],
    ...[1001, 1006, 1011, 1012, 1013, 4000].map((code): [string, unknown, FailureClass, number] => [
      `a close with ${code}`,
      new ClosedError(code, ''),
      'transient',
      500,
    ]),
    ...[1002, 1003, 1007, 1008, 1009].map((code): [string, unknown, FailureClass, number] => [
      `a close with ${code}`,
      new ClosedError(code, ''),
      'protocol',
      500,
    ]),
  ];

  it.each(waits)('after %s, connects again after a wait', (_what, error, failure, delay) => {
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler, at }) => {
      const first = cold('-a-#', undefined, error);
      const second = cold('-b-|');
      const { states, state } = stateLog();
      const result = attempts(first, second).source.pipe(reconnect({ random, scheduler, state }));
      expectObservable(result).toBe(`-a- ${delay}ms -b-|`);
      expectSubscriptions(first.subscriptions).toBe('^--!');
      expectSubscriptions(second.subscriptions).toBe(`--- ${delay}ms ^--!`);
      at(4, () => expect(states).toStrictEqual([{ status: 'waiting', delay, attempt: 1, failure, cause: error }]));
    })();
  });

  it.each<[string, unknown]>([
    ['400 at upgrade', new UpgradeError('', 400)],
    ['404 at upgrade', new UpgradeError('', 404)],
    ['a redirect at upgrade', new UpgradeError('', 302)],
    ['a bad address', new UrlError('')],
    ['a token that would travel unencrypted', new InsecureUrlError('')],
    ['a certificate that does not verify', new TlsError('')],
    ['a scope that was not granted', new ScopeError('', ['a'])],
    ['an error that is none of ours', new Error('a defect')],
  ])('after %s, fails with it at once', (_what, error) => {
    marbles(({ cold, scheduler, at }) => {
      const { source, count } = attempts(cold('-a-#', undefined, error), cold('-b-|'));
      const { states, state } = stateLog();
      const { log } = record(source.pipe(reconnect({ random, scheduler, state })), scheduler);
      at(3, () => {
        expect(log).toStrictEqual([
          { at: 1, next: 'a' },
          { at: 3, error },
        ]);
        expect(log[1]!.error).toBe(error);
        expect(states).toStrictEqual([{ status: 'failed', cause: error }]);
        expect(count()).toBe(1);
      });
    })();
  });

  it.each<[string, '#' | '|']>([
    ['a close with 1000', '#'],
    ["its source's completion", '|'],
  ])('after %s, completes and reports nothing', (_what, end) => {
    marbles(({ cold, expectObservable, scheduler, at }) => {
      const { source, count } = attempts(cold(`-a-${end}`, undefined, new ClosedError(1000, '')), cold('-b-|'));
      const { states, state } = stateLog();
      expectObservable(source.pipe(reconnect({ random, scheduler, state }))).toBe('-a-|');
      at(4, () => {
        expect(states).toStrictEqual([]);
        expect(count()).toBe(1);
      });
    })();
  });
});

describe('reconnect, its backoff', () => {
  it(
    'doubles the ceiling from failure to failure, up to maxDelay',
    marbles(({ expectObservable, cold, scheduler, at }) => {
      const { states, state } = stateLog();
      const errors = Array.from({ length: 7 }, () => throwError(refused) as Observable<string>);
      const options = { random: highest, maxDelay: 20_000, scheduler, state };
      const result = attempts(...errors, cold('a|')).source.pipe(reconnect(options));
      expectObservable(result).toBe('1s 2s 4s 8s 16s 20s 20s a|');
      at(71_000, () => {
        expect(delaysOf(states)).toStrictEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
        expect(states.map((one) => one.status === 'waiting' && one.attempt)).toStrictEqual([1, 2, 3, 4, 5, 6, 7]);
      });
    }),
  );

  it(
    'takes any time from 0 to the ceiling, as the random number says',
    marbles(({ expectObservable, cold, scheduler }) => {
      const numbers = [0, 0.25, 0.9999];
      const fails = numbers.map(() => throwError(refused) as Observable<string>);
      const options = { random: () => numbers.shift()!, scheduler };
      // 0 of 1,000 ms, a quarter of 2,000 ms, nearly all of 4,000 ms.
      expectObservable(attempts(...fails, cold('a|')).source.pipe(reconnect(options))).toBe('500ms 4s a|');
    }),
  );

  it(
    'starts from initialDelay, which may be nothing',
    marbles(({ expectObservable, cold, scheduler }) => {
      const from = (initialDelay: number) =>
        attempts(throwError(refused), throwError(refused), cold('a|')).source.pipe(
          reconnect({ random: highest, initialDelay, scheduler }),
        );
      expectObservable(from(10)).toBe('10ms 20ms a|');
      expectObservable(from(40_000)).toBe('40s 40s a|');
      expectObservable(from(0)).toBe('a|');
    }),
  );

  it(
    'starts anew only after a connection that was open for stableAfter',
    marbles(({ cold, scheduler, at }) => {
      const { states, state } = stateLog();
      const { source } = attempts(
        ...[refused(), dropped(29_999), dropped(30_000), dropped(4)].map((e) => cold('#', undefined, e)),
        cold('|'),
      );
      source.pipe(reconnect({ random: highest, scheduler, state })).subscribe();
      at(20_000, () => expect(delaysOf(states)).toStrictEqual([1_000, 2_000, 1_000, 2_000]));
    }),
  );

  it(
    'measures by its own clock how long a connection was open whose error does not say it',
    marbles(({ cold, scheduler, at }) => {
      const { states, state } = stateLog();
      const lost = () => new ClosedError(1006, '');
      const { source } = attempts(
        cold('#', undefined, lost()),
        cold('4999ms #', undefined, lost()),
        cold('5s #', undefined, lost()),
        cold('#', undefined, lost()),
        cold('|'),
      );
      source.pipe(reconnect({ random: highest, stableAfter: 5_000, scheduler, state })).subscribe();
      at(60_000, () => expect(delaysOf(states)).toStrictEqual([1_000, 2_000, 1_000, 2_000]));
    }),
  );

  it(
    'uses real randomness and the platform clock by default',
    marbles(({ cold, at, scheduler }) => {
      const results = Array.from({ length: 50 }, () =>
        record(attempts(throwError(refused), cold('a|')).source.pipe(reconnect()), scheduler),
      );
      // The longest first delay is 1,000 ms, and the second value comes in the frame it ends in.
      at(1_002, () => {
        const times = results.map(({ log }) => log[0]!.at);
        expect(results.every(({ log }) => log.length === 2)).toBe(true);
        expect(new Set(times).size).toBeGreaterThan(10);
      });
    }),
  );
});

describe('reconnect, when it gives up', () => {
  it(
    'fails with GaveUpError after maxAttempts, whose cause is the last failure',
    marbles(({ scheduler, at }) => {
      const last = refused();
      const { source, count } = failing(dropped(5), refused(), last);
      const { states, state } = stateLog();
      const { log } = record(source.pipe(reconnect({ random, maxAttempts: 3, scheduler, state })), scheduler);
      at(1_501, () => {
        expect(log).toHaveLength(1);
        expect(log[0]!.at).toBe(1_500);
        const error = log[0]!.error as GaveUpError;
        expect(error).toBeInstanceOf(GaveUpError);
        expect(error).toMatchObject({ code: 'ERR_GAVE_UP', attempts: 3 });
        expect(error.cause).toBe(last);
        expect(count()).toBe(3);
        expect(delaysOf(states)).toStrictEqual([500, 1_000, 'failed']);
        expect(states.at(-1)).toHaveProperty('cause', error);
      });
    }),
  );

  it(
    'does not count what failed before a stable connection',
    marbles(({ scheduler, at }) => {
      const { source, count } = failing(refused(), dropped(30_000), refused());
      const { log } = record(source.pipe(reconnect({ random, maxAttempts: 3, scheduler })), scheduler);
      at(600_000, () => {
        expect(count()).toBe(4);
        expect(log.at(-1)?.error).toHaveProperty('attempts', 3);
      });
    }),
  );

  it(
    'fails with the last auth failure after three in a row, 2 s apart',
    marbles(({ scheduler, at }) => {
      const last = unauthorised();
      const { states, state } = stateLog();
      const { log } = record(
        failing(unauthorised(), unauthorised(), last).source.pipe(reconnect({ random, scheduler, state })),
        scheduler,
      );
      at(4_001, () => {
        expect(log).toStrictEqual([{ at: 4_000, error: last }]);
        expect(log[0]!.error).toBe(last);
        expect(delaysOf(states)).toStrictEqual([2_000, 2_000, 'failed']);
      });
    }),
  );

  it(
    'counts auth failures anew once a connection was open, however shortly',
    marbles(({ scheduler, at }) => {
      const errors = [unauthorised(), unauthorised(), dropped(1), unauthorised(), unauthorised(), unauthorised()];
      const { source, count } = failing(...errors);
      const { log } = record(source.pipe(reconnect({ random, scheduler })), scheduler);
      at(60_000, () => {
        expect(count()).toBe(6);
        expect(log.at(-1)?.error).toBe(errors[5]);
      });
    }),
  );

  it(
    'counts auth failures of a source that does not say how long it was open, and took its time',
    marbles(({ cold, expectObservable, scheduler }) => {
      const error = new AuthError('', 401);
      const result = cold('100ms #', undefined, error).pipe(reconnect({ random, scheduler }));
      expectObservable(result).toBe('100ms 2s 100ms 2s 100ms #', undefined, error);
    }),
  );

  it(
    'gives up after five protocol failures with no stable connection between',
    marbles(({ scheduler, at }) => {
      const last = policyViolation();
      const errors = [
        policyViolation(),
        policyViolation(29_999),
        refused(),
        policyViolation(),
        policyViolation(),
        last,
      ];
      const { source, count } = failing(...errors);
      const { log } = record(source.pipe(reconnect({ random, scheduler })), scheduler);
      at(60_000, () => {
        expect(count()).toBe(6);
        expect(log).toHaveLength(1);
        expect(log[0]!.error).toMatchObject({ code: 'ERR_GAVE_UP', attempts: 5 });
        expect((log[0]!.error as GaveUpError).cause).toBe(last);
      });
    }),
  );

  it(
    'counts protocol failures anew after a stable connection',
    marbles(({ scheduler, at }) => {
      const { source, count } = failing(policyViolation(), policyViolation(30_000), policyViolation());
      source.pipe(reconnect({ random, maxProtocolFailures: 2, scheduler })).subscribe({ error: () => undefined });
      at(60_000, () => expect(count()).toBe(3));
    }),
  );

  it(
    'asks classify for the class of a failure',
    marbles(({ cold, expectObservable, scheduler, at }) => {
      const error = new Error('mine');
      const asked: unknown[] = [];
      const classify = (failure: unknown): FailureClass => {
        asked.push(failure);
        return 'transient';
      };
      const { source } = attempts(cold('#', undefined, error), cold('a|'));
      expectObservable(source.pipe(reconnect({ random, classify, scheduler }))).toBe('500ms a|');
      at(1, () => expect(asked).toStrictEqual([error]));
    }),
  );
});

describe('reconnect, woken up', () => {
  it(
    'ends a backoff wait at once',
    marbles(({ cold, hot, expectObservable, expectSubscriptions, scheduler }) => {
      const wakeUp$ = hot('--w---w---');
      const { source } = attempts(cold('---#', undefined, refused()), cold('-a|'));
      expectObservable(source.pipe(reconnect({ random, wakeUp$, scheduler }))).toBe('------ -a|');
      expectSubscriptions(wakeUp$.subscriptions).toBe('^-------!');
    }),
  );

  it(
    'waits to the end where nothing wakes it, and for a notifier that completes',
    marbles(({ cold, expectObservable, scheduler }) => {
      const waiting = (wakeUp$: Observable<unknown>) =>
        attempts(cold('#', undefined, refused()), cold('a|')).source.pipe(reconnect({ random, wakeUp$, scheduler }));
      expectObservable(waiting(cold('-'))).toBe('500ms a|');
      expectObservable(waiting(cold('-|'))).toBe('500ms a|');
    }),
  );

  it(
    'shortens no wait that the server asked for, nor the one after an auth failure',
    marbles(({ cold, hot, expectObservable, scheduler }) => {
      const wakeUp$ = hot('-w-w-w');
      const waiting = (error: unknown) =>
        attempts(cold('#', undefined, error), cold('a|')).source.pipe(reconnect({ random, wakeUp$, scheduler }));
      expectObservable(waiting(new ThrottledError('', 429, 5_000))).toBe('5500ms a|');
      expectObservable(waiting(new ThrottledError('', 503, 0))).toBe('500ms a|');
      expectObservable(waiting(unauthorised())).toBe('2s a|');
    }),
  );

  it(
    'is not woken by what wakeUp$ replays to a new subscriber',
    marbles(({ cold, expectObservable, scheduler }) => {
      const wakeUp$ = new BehaviorSubject(true);
      const { source } = attempts(cold('#', undefined, refused()), cold('a|'));
      expectObservable(source.pipe(reconnect({ random, wakeUp$, scheduler }))).toBe('500ms a|');
    }),
  );

  it(
    "fails with wakeUp$'s error",
    marbles(({ cold, expectObservable, scheduler }) => {
      const failure = new Error('no news');
      const wakeUp$ = cold('--#', undefined, failure);
      expectObservable(cold('-a---').pipe(reconnect({ wakeUp$, scheduler }))).toBe('-a#', undefined, failure);
    }),
  );

  it(
    'still counts a wait that was cut short',
    marbles(({ hot, scheduler, at }) => {
      const { states, state } = stateLog();
      const wakeUp$ = hot('-w-w-w');
      const { subscription } = record(
        failing(refused()).source.pipe(reconnect({ random: highest, wakeUp$, scheduler, state })),
        scheduler,
      );
      at(6, () => {
        expect(delaysOf(states)).toStrictEqual([1_000, 2_000, 4_000, 8_000]);
        subscription.unsubscribe();
      });
    }),
  );
});

describe("reconnect, with onComplete: 'reconnect'", () => {
  it.each<[string, '#' | '|']>([
    ["its source's completion", '|'],
    ['a close with 1000', '#'],
  ])('connects again after %s, with backoff', (_what, end) => {
    marbles(({ cold, expectObservable, scheduler, at }) => {
      const ended = () => cold(`-a-${end}`, undefined, after(3, new ClosedError(1000, '')));
      const { states, state } = stateLog();
      const options = { random, onComplete: 'reconnect', scheduler, state } as const;
      expectObservable(attempts(ended(), ended(), cold('-b-')).source.pipe(reconnect(options)), '^ 2s !').toBe(
        '-a- 500ms -a- 1s -b-',
      );
      at(3_000, () => {
        expect(delaysOf(states)).toStrictEqual([500, 1_000]);
        const waiting = { failure: 'transient', cause: { closeCode: 1000, reason: '', openFor: 3 } };
        expect(states).toMatchObject([waiting, waiting]);
      });
    })();
  });

  it(
    'treats other ends as ever',
    marbles(({ cold, expectObservable, scheduler }) => {
      const error = new UrlError('');
      const result = cold('-#', undefined, error).pipe(reconnect({ onComplete: 'reconnect', scheduler }));
      expectObservable(result).toBe('-#', undefined, error);
    }),
  );

  it(
    'starts the backoff anew after a stable connection that completed',
    marbles(({ cold, scheduler, at }) => {
      const { states, state } = stateLog();
      const { source } = attempts(cold('|'), cold('|'), cold('30s |'), cold('-'));
      const options = { random: highest, onComplete: 'reconnect', scheduler, state } as const;
      const { subscription } = record(source.pipe(reconnect(options)), scheduler);
      at(40_000, () => {
        expect(delaysOf(states)).toStrictEqual([1_000, 2_000, 1_000]);
        subscription.unsubscribe();
      });
    }),
  );
});

describe('reconnect, each subscription by itself', () => {
  it(
    'leaves nothing after an unsubscription during a wait',
    marbles(({ cold, hot, expectSubscriptions, scheduler, at, pending }) => {
      const first = cold('-a-#', undefined, refused());
      const wakeUp$ = hot('-');
      const { source, count } = attempts(first, cold('b'));
      const { log, subscription } = record(source.pipe(reconnect({ random, wakeUp$, scheduler })), scheduler);
      at(100, () => {
        expect(pending()).toBe(1);
        subscription.unsubscribe();
        expect(pending()).toBe(0);
        expect(log).toStrictEqual([{ at: 1, next: 'a' }]);
        expect(count()).toBe(1);
      });
      expectSubscriptions(first.subscriptions).toBe('^--!');
      expectSubscriptions(wakeUp$.subscriptions).toBe('^ 99ms !');
    }),
  );

  it(
    'lets the second connection go on an unsubscription',
    marbles(({ cold, expectSubscriptions, scheduler, at, pending }) => {
      const second = cold('-b-----');
      const { source } = attempts(cold('#', undefined, refused()), second);
      const { subscription } = record(source.pipe(reconnect({ random, scheduler })), scheduler);
      at(503, () => {
        subscription.unsubscribe();
        expect(pending()).toBe(0);
      });
      expectSubscriptions(second.subscriptions).toBe('500ms ^--!');
    }),
  );

  it(
    'counts for each subscriber on its own',
    marbles(({ scheduler, at }) => {
      const result = failing(refused()).source.pipe(reconnect({ random, maxAttempts: 2, scheduler }));
      const logs = [record(result, scheduler).log, record(result, scheduler).log];
      at(501, () => {
        for (const log of logs) {
          expect(log).toHaveLength(1);
          expect(log[0]).toMatchObject({ at: 500, error: { attempts: 2 } });
        }
      });
    }),
  );

  it(
    'reports a whole life in its order',
    marbles(({ scheduler, at }) => {
      const { states, state } = stateLog();
      const throttled = after(0, new ThrottledError('', 429, 7_000));
      const [lost, fatal] = [dropped(30_000), new UrlError('')];
      failing(lost, throttled, unauthorised(), policyViolation(), fatal)
        .source.pipe(reconnect({ random, scheduler, state }))
        .subscribe({ error: () => undefined });
      at(60_000, () =>
        expect(states).toStrictEqual([
          { status: 'waiting', delay: 500, attempt: 1, failure: 'transient', cause: lost },
          { status: 'waiting', delay: 8_000, attempt: 2, failure: 'throttled', cause: throttled },
          { status: 'waiting', delay: 2_000, attempt: 3, failure: 'auth', cause: unauthorised() },
          { status: 'waiting', delay: 4_000, attempt: 4, failure: 'protocol', cause: policyViolation() },
          { status: 'failed', cause: fatal },
        ]),
      );
    }),
  );
});

describe('reconnect, its options', () => {
  const time = 'a number of milliseconds, above 0 and at most 2147483647';

  it.each<[unknown, string]>([
    [{ initialDelay: -1 }, `RangeError: reconnect: initialDelay must be ${time}, got -1`],
    [{ initialDelay: NaN }, `RangeError: reconnect: initialDelay must be ${time}, got NaN`],
    [{ initialDelay: '1s' }, `TypeError: reconnect: initialDelay must be ${time}, got "1s"`],
    [{ maxDelay: Infinity }, `RangeError: reconnect: maxDelay must be ${time}, got Infinity`],
    [{ maxDelay: 2 ** 31 }, `RangeError: reconnect: maxDelay must be ${time}, got 2147483648`],
    [{ maxDelay: 999 }, 'RangeError: reconnect: maxDelay must be at least initialDelay (1000), got 999'],
    [{ maxAttempts: 0 }, 'RangeError: reconnect: maxAttempts must be a positive integer or Infinity, got 0'],
    [{ maxAttempts: 1.5 }, 'RangeError: reconnect: maxAttempts must be a positive integer or Infinity, got 1.5'],
    [{ stableAfter: 0 }, `RangeError: reconnect: stableAfter must be ${time}, got 0`],
    [{ authDelay: -5 }, `RangeError: reconnect: authDelay must be ${time}, got -5`],
    [{ maxAuthFailures: 0 }, 'RangeError: reconnect: maxAuthFailures must be a positive integer or Infinity, got 0'],
    [
      { maxProtocolFailures: '3' },
      'TypeError: reconnect: maxProtocolFailures must be a positive integer or Infinity, got "3"',
    ],
    [{ onComplete: 'retry' }, 'RangeError: reconnect: onComplete must be one of "complete", "reconnect", got "retry"'],
    [{ classify: 'fatal' }, 'TypeError: reconnect: classify must be a function, got "fatal"'],
    [{ random: 0.5 }, 'TypeError: reconnect: random must be a function, got 0.5'],
    [{ state: {} }, 'TypeError: reconnect: state must be an object with a method next(), got an object'],
    [{ wakeUp$: 5 }, 'TypeError: reconnect: wakeUp$ must be an object with a method subscribe(), got 5'],
    [{ scheduler: {} }, 'TypeError: reconnect: scheduler must be an object with a method schedule(), got an object'],
    [
      { delay: 5 },
      'TypeError: reconnect: there is no option "delay"; there are initialDelay, maxDelay, maxAttempts, stableAfter, ' +
        'authDelay, maxAuthFailures, maxProtocolFailures, onComplete, classify, state, wakeUp$, random, scheduler',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => reconnect(options as ReconnectOptions)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });

  it('takes the edges of what is allowed', () => {
    const edges: ReconnectOptions[] = [
      { initialDelay: 0, maxDelay: 0, authDelay: 0 },
      { initialDelay: 2 ** 31 - 1, stableAfter: 2 ** 31 - 1 },
      { maxAttempts: 1, maxAuthFailures: Infinity, maxProtocolFailures: 1 },
      { scheduler: asyncScheduler },
    ];
    for (const options of edges) expect(reconnect(options)).toBeTypeOf('function');
  });
});

stageContract(
  'reconnect',
  (scheduler) => reconnect({ scheduler }),
  () => [raw('a'), raw('b', { sequence: 1 })],
);
