import { config, defer, EMPTY, type NextObserver } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { handover, type HandoverState } from '../operators/handover.ts';
import { reporter } from '../operators/reporter.ts';
import { reconnect } from '../operators/reconnect.ts';
import { ClosedError } from '../operators/errors.ts';
import { marbles, raw } from './marbles.ts';

describe('what an Observer throws that watches an operator', () => {
  const failure = new Error('the observer failed');
  const throwing = {
    next: () => {
      throw failure;
    },
  };
  const uncaught: unknown[] = [];
  const ignoreErrors = () => {
    config.onUnhandledError = (error) => uncaught.push(error);
  };
  afterEach(() => {
    config.onUnhandledError = null;
    uncaught.length = 0;
  });

  it('is reported, not thrown, and the Observer is told again', async () => {
    ignoreErrors();
    const seen: number[] = [];
    const report = reporter('x: state', {
      next: (value: number) => {
        seen.push(value);
        throw failure;
      },
    });
    report(1);
    report(2);
    expect(seen).toStrictEqual([1, 2]);
    // RxJS reports in a timeout of its own; one that is set later runs later.
    await new Promise((resolve) => setTimeout(resolve));
    expect(uncaught).toStrictEqual([failure, failure]);
  });

  it(
    'neither stops a reconnection nor replaces the error',
    marbles(({ cold, expectObservable, scheduler }) => {
      ignoreErrors();
      const closed = new ClosedError(1006, '');
      const result = cold('-#', undefined, closed).pipe(
        reconnect({ maxAttempts: 2, random: () => 0, state: throwing, scheduler, classify: () => 'transient' }),
      );
      expectObservable(result).toBe('--#', undefined, expect.objectContaining({ cause: closed }));
    }),
  );

  it(
    'costs a handover no frame',
    marbles(({ cold, hot, expectObservable }) => {
      ignoreErrors();
      const [a, b] = [raw('a'), raw('b', { sequence: 1 })];
      const sources = [cold('a-', { a }), cold('-b', { b })];
      const source = defer(() => sources.shift() ?? EMPTY);
      const state: NextObserver<HandoverState> = throwing;
      expectObservable(source.pipe(handover({ when$: hot('-s'), state })), '^---!').toBe('a-b', { a, b });
    }),
  );
});
