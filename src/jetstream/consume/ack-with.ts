import { Observable, type ObservableInput, type OperatorFunction } from 'rxjs';
import { endingWith } from '../../../operators/ending-with.ts';
import type { LiveFrame, RejectedFrame } from '../../../operators/frame.ts';
import { callable, knownOptions, positiveInteger } from '../../../operators/options.ts';
import { AckQueue } from './ack-queue.ts';
import type { Delivery } from './delivery.ts';

/** Options of {@link ackWith}. */
export interface AckWithOptions {
  /** How many frames are worked on at a time. @defaultValue 64 */
  readonly concurrency?: number;
}

/**
 * **Works on each frame of `fromJetStream`, and acknowledges it when that is done.** The end of a pipeline: what is filtered out before it is
 * never acknowledged.
 *
 *     in                  --a1-b1-a2-----|       a, b: keys
 *     work on a1, a2        ----  ----
 *     work on b1               ---
 *     acknowledged        ------a1-b1-a2|
 *     out                 ------a1-b1-a2|
 *
 * Frames of one key (a conversation) are worked on one after the other, in their order, those of different keys side by side. The work is
 * done when the promise resolves, or the Observable completes.
 *
 * Where it fails it is tried again: after 1 s, doubling to 60 s; the frames behind it with the same key wait. After `maxDeliver` deliveries in
 * all, or at once where it fails with {@link DeadLetterError}, the frame becomes a dead letter and leaves rejected, stage `ack-with`,
 * reason `dead-letter`. A frame that a stage has rejected becomes one at once, and passes.
 *
 * A frame may be worked on more than once: after a crash, what was not acknowledged comes again. `delivery.messageId` stays the same.
 *
 * When the source completes, what is worked on is finished and acknowledged; all else is given back to the engine. Unsubscribing gives all back.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function ackWith<Frame extends LiveFrame>(
  work: (frame: Frame, delivery: Delivery) => ObservableInput<unknown>,
  options: AckWithOptions = {},
): OperatorFunction<Frame | RejectedFrame, Frame | RejectedFrame> {
  callable('ackWith: work', work);
  knownOptions('ackWith', options, ['concurrency']);
  const concurrency = positiveInteger('ackWith: concurrency', options.concurrency ?? 64);
  return (source) =>
    new Observable((subscriber) => {
      const queue = new AckQueue(work, concurrency, subscriber);
      subscriber.add(() => queue.stop());
      return source.pipe(endingWith(subscriber)).subscribe({
        next: (outcome) => queue.take(outcome),
        error: (error: unknown) => queue.end(() => subscriber.error(error)),
        complete: () => queue.end(() => subscriber.complete()),
      });
    });
}
