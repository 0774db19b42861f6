import { lift, reject, type LiveFrame, type Stage } from 'rxframe/operators';
import { asyncScheduler, type TimestampProvider } from 'rxjs';

/** Options of {@link maxAge}. */
export interface MaxAgeOptions<Frame extends LiveFrame> {
  /** How old an event may be, in milliseconds. */
  readonly limit: number;
  /** When the event of a frame happened, in milliseconds since the epoch. @defaultValue when the frame was received */
  readonly happened?: (frame: Frame) => number;
  /** What the time is taken from. @defaultValue `asyncScheduler` */
  readonly scheduler?: TimestampProvider;
}

/**
 * **Rejects frames whose event is older than `limit`**, with the reason `too-old`. A frame whose time is no number passes.
 *
 *     in             --a--B--c--|        B: happened long ago
 *     maxAge         --a--x--c--|        x: rejected, stage 'max-age', reason 'too-old'
 *
 * @throws RangeError at the call, where `limit` is not above 0
 */
export function maxAge<Frame extends LiveFrame>({
  limit,
  happened = ({ timestamp }) => timestamp,
  scheduler = asyncScheduler,
}: MaxAgeOptions<Frame>): Stage<Frame, Frame> {
  if (!(limit > 0)) throw new RangeError(`maxAge: limit must be a number of milliseconds above 0, got ${limit}`);
  return lift((frame: Frame) => {
    const age = scheduler.now() - happened(frame);
    return age > limit ? reject(frame, 'max-age', 'too-old', `${age} ms old, at most ${limit} allowed`) : frame;
  });
}
