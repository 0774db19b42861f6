import { asyncScheduler, Observable, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { isRejected, type LiveFrame, type RejectedFrame } from './frame.ts';
import { knownOptions, positiveInteger, withMethod } from './options.ts';
import { outcomes } from './stage.ts';

/** A frame, and its payload in pieces. */
export interface ChunkedFrame<Frame> {
  readonly frame: Frame;
  /**
   * The payload in order: views into `rawData`, not copies, of `chunkBytes` each but for the last. Cold: each subscription
   * has them all. An empty payload has none.
   */
  readonly chunks$: Observable<Uint8Array>;
}

/** Options of {@link chunked}. */
export interface ChunkedOptions {
  /** Size of a chunk, in bytes. @defaultValue 64 KiB (65,536) */
  readonly chunkBytes?: number;
  /**
   * Gives the turns in which the chunks come. The default lets timers and sockets run between two chunks, and brings about
   * one a millisecond; RxJS's `asapScheduler` is faster, and lets only microtasks run. @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike;
}

/**
 * **Gives each payload as an Observable of chunks**, one at a time, so that working through a large one does not keep everything
 * else waiting. Rejected frames pass untouched.
 *
 *     in        --a----------x-|
 *     out       --A----------x-|        x: rejected
 *     A.chunks$   1 2 3|
 *
 * ```ts
 * frames$.pipe(ofType('telephony.media'), chunked(), concatMap(({ chunks$ }) => chunks$)).subscribe(play);
 * ```
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function chunked<Frame extends LiveFrame>(
  options: ChunkedOptions = {},
): OperatorFunction<Frame | RejectedFrame, ChunkedFrame<Frame> | RejectedFrame> {
  knownOptions('chunked', options, ['chunkBytes', 'scheduler']);
  const chunkBytes = positiveInteger('chunked: chunkBytes', options.chunkBytes ?? 64 * 1024);
  const scheduler = withMethod('chunked: scheduler', 'schedule', options.scheduler ?? asyncScheduler);

  return outcomes(
    () => (outcome: Frame | RejectedFrame) =>
      isRejected(outcome) ? outcome : { frame: outcome, chunks$: chunks(outcome.rawData, chunkBytes, scheduler) },
  );
}

function chunks(bytes: Uint8Array, size: number, scheduler: SchedulerLike): Observable<Uint8Array> {
  return new Observable((subscriber) => {
    let at = 0;
    return scheduler.schedule(function () {
      if (at < bytes.length) subscriber.next(bytes.subarray(at, at + size));
      at += size;
      if (at < bytes.length) this.schedule();
      else subscriber.complete();
    });
  });
}
