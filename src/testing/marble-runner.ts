import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { callable } from '../../operators/options.ts';
import { comparable } from './comparable.ts';

/** What a marble test is given: all that `TestScheduler.run` gives, and three more. */
export interface MarbleHelpers extends RunHelpers {
  /** Virtual time: for {@link marbleSocket}, and for operators that take a scheduler. */
  readonly scheduler: TestScheduler;
  /**
   * Runs `action` at a virtual time, in milliseconds from the start of the test: after what was scheduled for that time
   * before (a `cold` that is subscribed to already), and before what will be later on (a timer not yet started).
   */
  at(this: void, time: number, action: () => void): void;
  /** How many actions wait in virtual time: timers, and what is still to come from a `cold` that is subscribed to. */
  pending(this: void): number;
}

/** Makes a test that runs in virtual time. */
export type Marbles = (test: (helpers: MarbleHelpers) => unknown) => () => void;

/** How far virtual time runs at most: what is still scheduled then would run for ever. */
const ONE_HOUR = 3_600_000;

/**
 * **Makes `marbles` for your test runner**, out of its way to compare.
 *
 * One character of a marble diagram is 1 ms; `cold`, `hot`, `expectObservable` and so on are RxJS's own. What is expected is
 * compared as {@link comparable} says: frames without times and ids, errors without texts. A test fails, too, where
 * anything is still scheduled after an hour of virtual time: a timer left running shows in every test.
 *
 * ```ts
 * import assert from 'node:assert/strict';
 * import { test } from 'node:test';
 * import { sizeGate } from 'rxframe/operators';
 * import { frames, marbleRunner } from 'rxframe/testing';
 *
 * // vitest, jest: marbleRunner((actual, expected) => expect(actual).toStrictEqual(expected))
 * const marbles = marbleRunner(assert.deepStrictEqual);
 *
 * test('small frames pass', marbles(({ cold, expectObservable }) => {
 *   const a = frames.raw('{}');
 *   expectObservable(cold('-a-|', { a }).pipe(sizeGate())).toBe('-a-|', { a });
 * }));
 * ```
 *
 * @param assertEqual - throws where two values are not deeply equal
 * @throws TypeError at the call, where `assertEqual` is no function, or does not throw
 */
export function marbleRunner(assertEqual: (actual: unknown, expected: unknown) => void): Marbles {
  callable('marbleRunner: assertEqual', assertEqual);
  mustTellApart(assertEqual);
  return (test) => () => {
    const scheduler = new TestScheduler((actual, expected) =>
      assertEqual(...comparable(readable(actual), readable(expected))),
    );
    const pending = () => scheduler.actions.filter((action) => !action.closed).length;
    scheduler.run((helpers) => {
      scheduler.maxFrames = ONE_HOUR;
      const result = test({
        ...helpers,
        scheduler,
        pending,
        at: (time, action) => void scheduler.schedule(action, time),
      });
      if (result instanceof Promise) {
        throw new TypeError('marbles: the test gave a promise, and virtual time does not wait for one');
      }
    });
    const left = pending();
    if (left > 0) {
      throw new Error(
        `After an hour of virtual time something still runs (scheduled: ${left}). A timer may have been left behind, or a connection is open, whose heartbeat goes on: end its life, or unsubscribe, as by expectObservable(frames$, '^---!').`,
      );
    }
  };
}

function mustTellApart(assertEqual: (actual: unknown, expected: unknown) => void): void {
  try {
    assertEqual([{ at: 1 }], [{ at: 2 }]);
  } catch {
    return;
  }
  throw new TypeError('marbleRunner: assertEqual must throw where two values are not deeply equal, and did not');
}

/** Notifications as `{ at: 3, next: … }`, so that a difference reads like a timeline. Subscription logs stay as they are. */
function readable(logs: unknown): unknown {
  return (logs as Partial<Log>[]).map((log) => {
    if (log.frame === undefined || log.notification === undefined) return log;
    const { kind, value, error } = log.notification;
    if (kind === 'N') return { at: log.frame, next: value };
    return kind === 'E' ? { at: log.frame, error } : { at: log.frame, complete: true };
  });
}

interface Log {
  readonly frame: number;
  readonly notification: { readonly kind: 'N' | 'E' | 'C'; readonly value?: unknown; readonly error?: unknown };
}
