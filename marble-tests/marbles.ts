import { share, type Observable, type OperatorFunction, type Subscription } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import type { RejectedFrame } from '../operators/frame.ts';
import { Decoded, Parsed, RawFrame, reject, type Receipt, type RejectReason } from '../operators/frame.ts';
import type { PayloadTypes } from '../operators/payload-types.ts';

/** How far virtual time runs at most: what is still scheduled then would run for ever. */
const ONE_HOUR = 3_600_000;

/** What a marble test is given: all that `TestScheduler.run` gives, and three more. */
export interface MarbleHelpers extends RunHelpers {
  /** Virtual time, for operators that take a scheduler. */
  readonly scheduler: TestScheduler;
  /**
   * Runs `action` at a virtual time, in milliseconds from the start of the test: after what was scheduled for that time
   * before (a `cold` that is subscribed to already), and before what will be later on (a timer not yet started).
   */
  at(this: void, time: number, action: () => void): void;
  /** How many actions wait in virtual time: timers, and what is still to come from a `cold` that is subscribed to. */
  pending(this: void): number;
}

/**
 * **Makes a test that runs in virtual time.** One character of a marble diagram is 1 ms; `cold`, `hot`,
 * `expectObservable` and so on are RxJS's own. Fails where anything is still scheduled after an hour, so that a timer
 * left running shows in every test.
 *
 * ```ts
 * it('lets small frames through', marbles(({ cold, expectObservable }) => {
 *   const a = raw('{}');
 *   expectObservable(cold('-a-|', { a }).pipe(sizeGate())).toBe('-a-|', { a });
 * }));
 * ```
 */
export function marbles(test: (helpers: MarbleHelpers) => void): () => void {
  return () => {
    const scheduler = new TestScheduler((actual, expected) =>
      expect(readable(actual)).toStrictEqual(readable(expected)),
    );
    const pending = () => scheduler.actions.filter((action) => !action.closed).length;
    scheduler.run((helpers) => {
      scheduler.maxFrames = ONE_HOUR;
      test({ ...helpers, scheduler, pending, at: (time, action) => void scheduler.schedule(action, time) });
    });
    expect(pending(), 'actions still scheduled after an hour of virtual time').toBe(0);
  };
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

/** A raw frame. A string makes a text message, bytes make a binary one, unless `receipt` says otherwise. */
export function raw(payload: string | Uint8Array | readonly number[], receipt: Partial<Receipt> = {}): RawFrame {
  return new RawFrame({
    rawData: typeof payload === 'string' ? new TextEncoder().encode(payload) : Uint8Array.from(payload),
    isBinary: typeof payload !== 'string',
    connectionId: 'c1',
    sequence: 0,
    timestamp: 1_700_000_000_000,
    receivedAt: 1_000,
    ...receipt,
  });
}

/** The frame that `decode(types)` makes of that payload: JSON, or the bytes of a binary type. */
export function decodedFrame(
  types: PayloadTypes,
  payloadType: string,
  data: unknown,
  receipt: Partial<Receipt> = {},
): Decoded<string, unknown> {
  return new Decoded(payloadOf(data, receipt), payloadType, data, types.rows[payloadType]);
}

/** The frame that `validate()` makes of that payload, which it takes for valid. */
export function parsedFrame(
  types: PayloadTypes,
  payloadType: string,
  data: unknown,
  receipt: Partial<Receipt> = {},
): Parsed<string, unknown> {
  return new Parsed(payloadOf(data, receipt), payloadType, data, types.rows[payloadType]);
}

function payloadOf(data: unknown, receipt: Partial<Receipt>): RawFrame {
  return raw(data instanceof Uint8Array ? data : JSON.stringify(data), receipt);
}

/** A frame that some stage before has rejected. */
export function rejectedFrame(stage = 'size-gate', reason: RejectReason = 'oversize'): RejectedFrame {
  return reject(raw('x', { sequence: 99 }), stage, reason, 'rejected before');
}

/** Equals each frame that `stage` rejected for `reason`; where `messages` are given, with just these issues. */
export function rejectedWith(stage: string, reason: RejectReason, ...messages: readonly string[]): RejectedFrame {
  const issues = messages.map((message) => expect.objectContaining({ message }) as unknown);
  return expect.objectContaining({
    kind: 'rejected',
    stage,
    reason,
    ...(messages.length === 0 ? {} : { issues }),
  }) as RejectedFrame;
}

/** What {@link stageContract} may be told of an operator that is no plain stage. */
export interface StageContractOptions<In> {
  /** What becomes of a frame. @defaultValue one outcome with the frame's `frameId` */
  readonly expected?: (frame: In) => unknown;
  /** What becomes of frames rejected before. @defaultValue `'pass'`, untouched */
  readonly rejectedFrames?: 'pass' | 'leave out';
}

/**
 * **The tests that every operator has to pass**, as one `describe`: values, the source's error and completion,
 * unsubscription, re-subscription, two subscribers of a shared source, frames rejected before.
 *
 * ```ts
 * stageContract('sizeGate', () => sizeGate(), () => [raw('a'), raw('b', { sequence: 1 })]);
 * ```
 *
 * @param makeOperator - makes a new operator; give it `scheduler` where it has that option
 * @param makeFrames - at least two frames, each of which gives one outcome at once. For an operator that remembers,
 * choose frames that move its state (for `dedupe`: one that comes twice), so that state shared between subscriptions shows
 */
export function stageContract<In>(
  name: string,
  makeOperator: (scheduler: TestScheduler) => OperatorFunction<never, unknown>,
  makeFrames: () => readonly In[],
  { expected = sameFrame, rejectedFrames = 'pass' }: StageContractOptions<In> = {},
): void {
  describe(`${name}, as every operator`, () => {
    const frames = makeFrames();
    const failure = new Error('the source failed');
    /** The frames at 1 ms, 3 ms, 5 ms, …, and how the source ends 2 ms after the last. */
    const diagram = (end: '|' | '#' | '-') => `${frames.map((_, index) => `-${letter(index)}`).join('')}-${end}`;
    const values = Object.fromEntries(frames.map((frame, index) => [letter(index), frame]));
    const operator = makeOperator as (scheduler: TestScheduler) => OperatorFunction<unknown, unknown>;
    const outcomes = frames.map((frame, index) => ({ at: 2 * index + 1, next: expected(frame) }));
    const end = 2 * frames.length + 1;

    it(
      'gives one outcome for each frame, at once, and completes with its source',
      marbles(({ cold, scheduler, at, pending }) => {
        const seen = record(cold(diagram('|'), values).pipe(operator(scheduler)), scheduler);
        at(end, () => {
          expect(seen.log).toStrictEqual([...outcomes, { at: end, complete: true }]);
          expect(pending(), 'actions still scheduled').toBe(0);
        });
      }),
    );

    it(
      "passes its source's error on, the same object",
      marbles(({ cold, scheduler, at, pending }) => {
        const seen = record(cold(diagram('#'), values, failure).pipe(operator(scheduler)), scheduler);
        at(end, () => {
          expect(seen.log).toStrictEqual([...outcomes, { at: end, error: failure }]);
          expect(seen.log.at(-1)?.error).toBe(failure);
          expect(pending(), 'actions still scheduled').toBe(0);
        });
      }),
    );

    it(
      'leaves nothing running after an unsubscription',
      marbles(({ cold, scheduler, at, pending, expectSubscriptions }) => {
        const source = cold(diagram('-'), values);
        const seen = record(source.pipe(operator(scheduler)), scheduler);
        at(2, () => {
          seen.subscription.unsubscribe();
          expect(pending(), 'actions still scheduled').toBe(0);
        });
        expectSubscriptions(source.subscriptions).toBe('^-!');
      }),
    );

    it(
      'starts anew with each subscription',
      marbles(({ cold, scheduler, at }) => {
        const result = cold(diagram('|'), values).pipe(operator(scheduler));
        const first = record(result, scheduler);
        let second: Recording | undefined;
        at(end + 1, () => (second = record(result, scheduler)));
        at(2 * end + 2, () => {
          expect(first.log).toStrictEqual([...outcomes, { at: end, complete: true }]);
          expect(nexts(second?.log)).toStrictEqual(nexts(first.log));
          expect(second?.log.at(-1)).toStrictEqual({ at: 2 * end + 1, complete: true });
        });
      }),
    );

    it(
      'serves two subscribers of one shared source, each on its own',
      marbles(({ cold, scheduler, at, expectSubscriptions }) => {
        const source = cold(diagram('|'), values);
        const result = source.pipe(share(), operator(scheduler));
        const leaver = record(result, scheduler);
        const stayer = record(result, scheduler);
        const alone = record(cold(diagram('|'), values).pipe(operator(scheduler)), scheduler);
        at(2, () => leaver.subscription.unsubscribe());
        at(end, () => {
          expect(alone.log).toStrictEqual([...outcomes, { at: end, complete: true }]);
          expect(stayer.log).toStrictEqual(alone.log);
          expect(leaver.log).toStrictEqual(alone.log.slice(0, 1));
        });
        expectSubscriptions(source.subscriptions).toBe(`^${'-'.repeat(end - 1)}!`);
      }),
    );

    it(
      rejectedFrames === 'pass' ? 'passes a frame rejected before on untouched' : 'leaves frames rejected before out',
      marbles(({ cold, scheduler, at }) => {
        const before = rejectedFrame();
        const seen = record(cold('-x-|', { x: before }).pipe(operator(scheduler)), scheduler);
        at(3, () => {
          const passed = nexts(seen.log);
          if (rejectedFrames === 'pass') expect(passed[0]).toBe(before);
          expect(passed).toHaveLength(rejectedFrames === 'pass' ? 1 : 0);
          expect(seen.log.at(-1)).toStrictEqual({ at: 3, complete: true });
        });
      }),
    );
  });
}

/** `a` for the first frame, `b` for the second: marbles have one character. */
function letter(index: number): string {
  return String.fromCharCode(0x61 + index);
}

/** Any outcome that belongs to that frame. */
function sameFrame(frame: unknown): unknown {
  return expect.objectContaining({ frameId: (frame as RawFrame).frameId });
}

interface Entry {
  readonly at: number;
  readonly next?: unknown;
  readonly error?: unknown;
  readonly complete?: true;
}

interface Recording {
  readonly log: readonly Entry[];
  readonly subscription: Subscription;
}

/** **Subscribes now, and notes what comes and when**: for what a marble diagram cannot say, such as "the same object". */
export function record(source: Observable<unknown>, scheduler: TestScheduler): Recording {
  const log: Entry[] = [];
  const subscription = source.subscribe({
    next: (next) => log.push({ at: scheduler.now(), next }),
    error: (error: unknown) => log.push({ at: scheduler.now(), error }),
    complete: () => log.push({ at: scheduler.now(), complete: true }),
  });
  return { log, subscription };
}

/** The values of a recording, without their times. */
function nexts(log: readonly Entry[] = []): readonly unknown[] {
  return log.filter((entry) => 'next' in entry).map(({ next }) => next);
}
