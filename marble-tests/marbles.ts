import type { Observable, OperatorFunction, Subscription } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import {
  reject,
  type Decoded,
  type Parsed,
  type RawFrame,
  type Receipt,
  type RejectedFrame,
  type RejectReason,
} from '../operators/frame.ts';
import type { PayloadTypes } from '../operators/payload-types.ts';
import { frames } from '../src/testing/frames.ts';
import { marbleRunner } from '../src/testing/marble-runner.ts';
import { operatorContract, type OperatorContractOptions } from '../src/testing/operator-contract.ts';

/** A test in virtual time, by the kit that users have too. */
export const marbles = marbleRunner((actual, expected) => expect(actual).toStrictEqual(expected));

/** A receipt in which each member has a value of its own. */
const RECEIPT = { connectionId: 'c1', sequence: 0, timestamp: 1_700_000_000_000, receivedAt: 1_000 };

/** A raw frame. A string makes a text message, bytes make a binary one, unless `receipt` says otherwise. */
export function raw(payload: string | Uint8Array | readonly number[], receipt: Partial<Receipt> = {}): RawFrame {
  return frames.raw(payload, { ...RECEIPT, ...receipt });
}

/** The frame that `decode(types)` makes of that payload. */
export function decodedFrame(
  types: PayloadTypes,
  payloadType: string,
  data: unknown,
  receipt: Partial<Receipt> = {},
): Decoded<string, unknown> {
  return frames.decoded(types, payloadType, data, { ...RECEIPT, ...receipt });
}

/** The frame that `validate()` makes of that payload. */
export function parsedFrame(
  types: PayloadTypes,
  payloadType: string,
  data: unknown,
  receipt: Partial<Receipt> = {},
): Parsed<string, unknown> {
  return frames.parsed(types, payloadType, data, { ...RECEIPT, ...receipt });
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

/** **The tests that every operator has to pass**, as one `describe`: see `operatorContract`. */
export function stageContract<In>(
  name: string,
  makeOperator: (scheduler: TestScheduler) => OperatorFunction<never, unknown>,
  makeFrames: () => readonly In[],
  options: OperatorContractOptions<In> = {},
): void {
  describe(`${name}, as every operator`, () => {
    const tests = operatorContract(marbles, makeOperator, makeFrames, { expected: sameReceipt, ...options });
    for (const { title, test } of tests) it(title, test);
  });
}

/** Any outcome, accepted or rejected, that has what the socket knew of the frame. */
function sameReceipt(frame: unknown): unknown {
  const { rawData, isBinary, connectionId, sequence, timestamp, receivedAt } = frame as Receipt;
  return expect.objectContaining({ rawData, isBinary, connectionId, sequence, timestamp, receivedAt });
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
