import { catchError, map, of, share, type OperatorFunction } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { isRejected } from '../../operators/frame.ts';
import { bytesOrText, isFrame } from './comparable.ts';
import { frames } from './frames.ts';
import type { Marbles } from './marble-runner.ts';

/** One test of {@link operatorContract}. */
export interface ContractTest {
  readonly title: string;
  readonly test: () => void;
}

/** Options of {@link operatorContract}. */
export interface OperatorContractOptions<In> {
  /** What becomes of a frame. @defaultValue one outcome, not rejected, with what the socket knew of the frame: bytes, times, place */
  readonly expected?: (frame: In) => unknown;
  /** What becomes of frames rejected before: they pass untouched, or are left out. @defaultValue `'pass'` */
  readonly rejectedFrames?: 'pass' | 'leave out';
}

/**
 * **The tests that every operator on frames has to pass**: values, the source's error and completion, unsubscription,
 * re-subscription, two subscribers of a shared source, frames rejected before.
 *
 * ```ts
 * for (const { title, test } of operatorContract(marbles, () => sizeGate(), () => [frames.raw('a'), frames.raw('b')])) {
 *   it(title, test);
 * }
 * ```
 *
 * @param marbles - made by `marbleRunner`
 * @param makeOperator - makes a new operator; give it `scheduler` where it has that option
 * @param makeFrames - at least two frames, each of which gives one outcome at once. For an operator that remembers,
 * choose frames that move its state (for `dedupe`: one that comes twice), so that state shared between subscriptions shows
 */
export function operatorContract<In>(
  marbles: Marbles,
  makeOperator: (scheduler: TestScheduler) => OperatorFunction<never, unknown>,
  makeFrames: () => readonly In[],
  options: OperatorContractOptions<In> = {},
): readonly ContractTest[] {
  const { expected = receiptOf, rejectedFrames = 'pass' } = options;
  const seen = options.expected === undefined ? receiptOf : (outcome: unknown) => outcome;
  const operator = makeOperator as (scheduler: TestScheduler) => OperatorFunction<unknown, unknown>;
  const given = makeFrames();
  if (given.length < 2) {
    throw new RangeError(`operatorContract: makeFrames must give at least two frames, and gave ${given.length}`);
  }
  const failure = new Error('the source failed');
  /** The frames at 1 ms, 3 ms, 5 ms, …, and how the source ends 2 ms after the last. */
  const diagram = (end: '|' | '#' | '-') => `${given.map((_, index) => `-${letter(index)}`).join('')}-${end}`;
  const values = Object.fromEntries(given.map((frame, index) => [letter(index), frame]));
  const outcomes = Object.fromEntries(given.map((frame, index) => [letter(index), expected(frame)]));
  const end = 2 * given.length + 1;

  const contractTest = (title: string, test: Parameters<Marbles>[0]): ContractTest => ({ title, test: marbles(test) });

  return [
    contractTest(
      'gives one outcome for each frame, at once, and completes with its source',
      ({ cold, scheduler, at, pending, expectObservable }) => {
        const result = cold(diagram('|'), values).pipe(operator(scheduler), map(seen));
        expectObservable(result).toBe(diagram('|'), outcomes);
        at(end, () => scheduler.schedule(nothingLeft, 0, pending));
      },
    ),
    contractTest(
      "passes its source's error on, the same object",
      ({ cold, scheduler, at, pending, expectObservable }) => {
        const result = cold(diagram('#'), values, failure).pipe(
          operator(scheduler),
          map(seen),
          catchError((error: unknown) => of(error === failure)),
        );
        expectObservable(result).toBe(diagram('#').replace('#', '(t|)'), { ...outcomes, t: true });
        at(end, () => scheduler.schedule(nothingLeft, 0, pending));
      },
    ),
    contractTest(
      'leaves nothing running after an unsubscription',
      ({ cold, scheduler, at, pending, expectObservable, expectSubscriptions }) => {
        const source = cold(diagram('-'), values);
        expectObservable(source.pipe(operator(scheduler), map(seen)), '^-!').toBe('-a', outcomes);
        expectSubscriptions(source.subscriptions).toBe('^-!');
        at(2, () => scheduler.schedule(nothingLeft, 0, pending));
      },
    ),
    contractTest('starts anew with each subscription', ({ cold, scheduler, expectObservable }) => {
      const result = cold(diagram('|'), values).pipe(operator(scheduler), map(seen));
      const later = '-'.repeat(end + 1);
      expectObservable(result).toBe(diagram('|'), outcomes);
      expectObservable(result, `${later}^`).toBe(`${later}${diagram('|')}`, outcomes);
    }),
    contractTest(
      'serves two subscribers of one shared source, each on its own',
      ({ cold, scheduler, expectObservable, expectSubscriptions }) => {
        const source = cold(diagram('|'), values);
        const result = source.pipe(share(), operator(scheduler), map(seen));
        expectObservable(result, '^-!').toBe('-a', outcomes);
        expectObservable(result).toBe(diagram('|'), outcomes);
        expectSubscriptions(source.subscriptions).toBe(`^${'-'.repeat(end - 1)}!`);
      },
    ),
    contractTest(
      rejectedFrames === 'pass' ? 'passes a frame rejected before on untouched' : 'leaves frames rejected before out',
      ({ cold, scheduler, expectObservable }) => {
        const before = frames.rejected('size-gate', 'oversize');
        const result = cold('-x-|', { x: before }).pipe(
          operator(scheduler),
          map((outcome) => outcome === before),
        );
        expectObservable(result).toBe(rejectedFrames === 'pass' ? '-t-|' : '---|', { t: true });
      },
    ),
  ];
}

/** `a` for the first frame, `b` for the second: marbles have one character. */
function letter(index: number): string {
  return String.fromCharCode(0x61 + index);
}

/** What the socket knew of a frame, and whether it is rejected; what is no frame, as it is. */
function receiptOf(outcome: unknown): unknown {
  if (!isFrame(outcome)) return outcome;
  const { rawData, isBinary, connectionId, sequence, timestamp, receivedAt } = outcome;
  const receipt = { payload: bytesOrText(rawData), isBinary, connectionId, sequence, timestamp, receivedAt };
  return isRejected(outcome) ? { ...receipt, rejectedFor: outcome.reason } : receipt;
}

/** For after all that happens at that time. */
function nothingLeft(pending?: () => number): void {
  const left = pending?.() ?? 0;
  if (left > 0) throw new Error(`${left} actions are still scheduled`);
}
