import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClosedError, GaveUpError, NetworkError, ThrottledError } from '../operators/errors.ts';
import type { FailureClass } from '../operators/failure-class.ts';
import { RetryPolicy, type RetryLimits, type Verdict } from '../operators/retry-policy.ts';

const limits: RetryLimits = {
  initialDelay: 1_000,
  maxDelay: 30_000,
  maxAttempts: Infinity,
  stableAfter: 30_000,
  authDelay: 2_000,
  maxAuthFailures: 3,
  maxProtocolFailures: 5,
};

const failure = new NetworkError('No route to host.');

/** What a policy says of each of these failures in turn: their class, and for how long the connection was open. */
function verdicts(failures: [FailureClass, number][], changes: Partial<RetryLimits> = {}, random = () => 1): Verdict[] {
  const policy = new RetryPolicy({ ...limits, ...changes }, random);
  return failures.map(([kind, openFor]) => policy.decide(failure, kind, openFor));
}

/** The same, shortly: the delay, or the action. */
const shortly = (...args: Parameters<typeof verdicts>) =>
  verdicts(...args).map((verdict) => (verdict.action === 'wait' ? verdict.delay : verdict.action));

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe('RetryPolicy', () => {
  it('doubles the ceiling from failure to failure, up to the cap', () => {
    expect(shortly(times(8, ['transient', 0]))).toStrictEqual([1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3, 30e3]);
    expect(shortly(times(3, ['protocol', 0]))).toStrictEqual([1e3, 2e3, 4e3]);
  });

  it('takes anything from 0 to the ceiling', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 12 }), (random, count) => {
        const last = shortly(times(count, ['transient', 0]), {}, () => random).at(-1);
        expect(last).toBe(Math.round(random * Math.min(30_000, 1_000 * 2 ** (count - 1))));
      }),
    );
  });

  it.each([-0.001, 1.001, NaN])('takes %d for no random number', (random) => {
    const message = `reconnect: random must be a function that gives numbers from 0 to 1, got ${random}`;
    expect(() => verdicts([['transient', 0]], {}, () => random)).toThrow(new RangeError(message));
  });

  it('has a delay for the ten-thousandth failure', () => {
    expect(shortly(times(10_000, ['transient', 0])).at(-1)).toBe(30_000);
    expect(shortly(times(10_000, ['transient', 0]), { initialDelay: 0 }).at(-1)).toBe(0);
  });

  it('counts the failures in a row, and says which waits are its own choice', () => {
    expect(
      verdicts([
        ['transient', 0],
        ['auth', 0],
        ['throttled', 0],
        ['protocol', 0],
      ]),
    ).toStrictEqual([
      { action: 'wait', delay: 1_000, attempt: 1, backoff: true },
      { action: 'wait', delay: 2_000, attempt: 2, backoff: false },
      { action: 'wait', delay: 4_000, attempt: 3, backoff: true },
      { action: 'wait', delay: 8_000, attempt: 4, backoff: true },
    ]);
  });

  it('starts anew after a stable connection only', () => {
    const failures: [FailureClass, number][] = [
      ['transient', 0],
      ['transient', 29_999],
      ['transient', 30_000],
      ['transient', 0],
    ];
    expect(shortly(failures)).toStrictEqual([1_000, 2_000, 1_000, 2_000]);
  });

  it('waits what the server asked for, with the jitter on top', () => {
    const policy = new RetryPolicy(limits, () => 0.5);
    const decide = (retryAfter: number | undefined) =>
      policy.decide(new ThrottledError('', 429, retryAfter), 'throttled', 0);
    expect(decide(60_000)).toStrictEqual({ action: 'wait', delay: 60_500, attempt: 1, backoff: false });
    expect(decide(0)).toStrictEqual({ action: 'wait', delay: 1_000, attempt: 2, backoff: false });
    expect(decide(undefined)).toStrictEqual({ action: 'wait', delay: 2_000, attempt: 3, backoff: true });
  });

  it('never waits longer than timers can', () => {
    const verdict = new RetryPolicy(limits, () => 1).decide(new ThrottledError('', 429, 1e12), 'throttled', 0);
    expect(verdict).toHaveProperty('delay', 2 ** 31 - 1);
  });

  it.each<[string, [FailureClass, number][], Partial<RetryLimits>, unknown[]]>([
    ['completes when it is done', [['done', 0]], {}, ['complete']],
    ['fails at once on what is fatal', [['fatal', 0]], {}, ['fail']],
    ['fails on the third auth failure', times(3, ['auth', 0]), {}, [2e3, 2e3, 'fail']],
    ['fails on the first, where one is too many', [['auth', 0]], { maxAuthFailures: 1 }, ['fail']],
    [
      'counts auth failures anew once a connection was open',
      [
        ['auth', 0],
        ['auth', 0],
        ['transient', 5],
        ['auth', 0],
        ['auth', 0],
        ['auth', 0],
      ],
      {},
      [2e3, 2e3, 4e3, 2e3, 2e3, 'fail'],
    ],
    [
      'counts auth failures on over a connection that was never open',
      [
        ['auth', 0],
        ['auth', 0],
        ['transient', 0],
        ['auth', 0],
      ],
      {},
      [2e3, 2e3, 4e3, 'fail'],
    ],
    ['counts auth failures that took their time', times(3, ['auth', 120]), {}, [2e3, 2e3, 'fail']],
    ['counts auth failures anew after a stable connection', times(4, ['auth', 30_000]), {}, [2e3, 2e3, 2e3, 2e3]],
    ['gives up on the fifth protocol failure', times(5, ['protocol', 0]), {}, [1e3, 2e3, 4e3, 8e3, 'fail']],
    [
      'counts protocol failures on over connections that were not stable',
      [
        ['protocol', 0],
        ['transient', 29_999],
        ['protocol', 29_999],
      ],
      { maxProtocolFailures: 2 },
      [1e3, 2e3, 'fail'],
    ],
    [
      'counts protocol failures anew after a stable connection',
      [
        ['protocol', 0],
        ['protocol', 30_000],
        ['protocol', 0],
      ],
      { maxProtocolFailures: 2 },
      [1e3, 1e3, 'fail'],
    ],
    [
      'gives up after maxAttempts of any class',
      [
        ['transient', 0],
        ['auth', 0],
        ['throttled', 0],
      ],
      { maxAttempts: 3 },
      [1e3, 2e3, 'fail'],
    ],
  ])('%s', (_what, failures, changes, expected) => {
    expect(shortly(failures, changes)).toStrictEqual(expected);
  });

  it('fails with the failure itself where that is fatal or about auth', () => {
    expect(verdicts([['fatal', 0]])[0]).toStrictEqual({ action: 'fail', error: failure });
    expect(verdicts([['auth', 0]], { maxAuthFailures: 1 })[0]).toHaveProperty('error', failure);
  });

  it('gives up with an error that tells the count, the limit and the last failure', () => {
    const closed = new ClosedError(1008, 'policy');
    const gaveUp = (error: unknown, kind: FailureClass, changes: Partial<RetryLimits>) => {
      const policy = new RetryPolicy({ ...limits, ...changes }, () => 1);
      let verdict = policy.decide(error, kind, 0);
      while (verdict.action === 'wait') verdict = policy.decide(error, kind, 0);
      return (verdict as { error: GaveUpError }).error;
    };
    const protocol = gaveUp(closed, 'protocol', { maxProtocolFailures: 1 });
    expect(protocol).toBeInstanceOf(GaveUpError);
    expect(protocol).toMatchObject({ code: 'ERR_GAVE_UP', attempts: 1, cause: closed });
    expect(protocol.message).toBe(
      'Gave up after 1 failure of class protocol (maxProtocolFailures). The last failure: The connection was closed with code 1008 (policy).',
    );
    const foreign = gaveUp(new Error('token=secret'), 'transient', { maxAttempts: 1 });
    expect(foreign.message).toBe('Gave up after 1 failed connection (maxAttempts).');
    expect(gaveUp(new Error(), 'protocol', {}).message).toBe(
      'Gave up after 5 failures of class protocol with no stable connection between (maxProtocolFailures).',
    );
    expect(gaveUp(new Error(), 'transient', { maxAttempts: 2 }).message).toBe(
      'Gave up after 2 failed connections in a row (maxAttempts).',
    );
  });
});
