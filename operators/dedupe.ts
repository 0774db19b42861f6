import { asyncScheduler, type TimestampProvider } from 'rxjs';
import { Fifo } from './fifo.ts';
import { reject, type LiveFrame } from './frame.ts';
import { identityOf } from './identity.ts';
import { callable, duration, knownOptions, positiveInteger, withMethod } from './options.ts';
import { liftEach, type Stage } from './stage.ts';

/** Options of {@link dedupe}. */
export interface DedupeOptions<Frame> {
  /**
   * What makes two frames the same; `undefined` for a frame that is never a duplicate.
   * @defaultValue the payload type's `identity` once the frame is validated, else the SHA-256 of the payload
   */
  readonly identity?: (frame: Frame) => string | undefined;
  /** For how long a frame is remembered, in milliseconds from when it first came; duplicates do not prolong it. @defaultValue 60,000 */
  readonly window?: number;
  /** How many frames are remembered at most; the oldest is forgotten first. @defaultValue 10,000 */
  readonly maxEntries?: number;
  /** The clock. @defaultValue `asyncScheduler` */
  readonly scheduler?: TimestampProvider;
}

/**
 * **Rejects frames that were seen before**, within a time and a bounded memory. A frame that comes again after the window is
 * new: away, available and away again are three events. What `identity` throws is the stream's error.
 *
 *     in        --a--b--a--…--a--|
 *     out       --a--b--x--…--a--|        x: rejected, stage 'dedupe', reason 'duplicate'
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function dedupe<Frame extends LiveFrame>(options: DedupeOptions<Frame> = {}): Stage<Frame> {
  knownOptions('dedupe', options, ['identity', 'window', 'maxEntries', 'scheduler']);
  const identity = callable('dedupe: identity', options.identity ?? identityOf);
  const window = duration('dedupe: window', options.window ?? 60_000);
  const maxEntries = positiveInteger('dedupe: maxEntries', options.maxEntries ?? 10_000);
  const scheduler = withMethod('dedupe: scheduler', 'now', options.scheduler ?? asyncScheduler);

  return liftEach(() => {
    const seen = new Map<string, number>();
    /** The keys of `seen`, oldest first. A Map would be slow to ask: it walks over what was deleted at its front. */
    const order = new Fifo<string>();

    const forget = (key: string) => {
      order.shift();
      seen.delete(key);
    };

    return (frame: Frame) => {
      const key = identity(frame);
      if (key === undefined) return frame;
      const now = scheduler.now();
      let oldest = order.peek();
      while (oldest !== undefined && now - (seen.get(oldest) as number) >= window) {
        forget(oldest);
        oldest = order.peek();
      }
      const before = seen.get(key);
      if (before !== undefined) return reject(frame, 'dedupe', 'duplicate', `seen ${Math.round(now - before)} ms ago`);
      if (oldest !== undefined && seen.size === maxEntries) forget(oldest);
      seen.set(key, now);
      order.push(key);
      return frame;
    };
  });
}
