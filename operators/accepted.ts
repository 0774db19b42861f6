import type { OperatorFunction } from 'rxjs';
import type { LiveFrame, RejectedFrame } from './frame.ts';
import { outcomes } from './stage.ts';

/**
 * **Narrows the stream to the frames that no stage rejected.** The rejected ones were seen by `metrics` and `audit`
 * before, or go to {@link rejected} in another branch of a shared stream.
 *
 *     in        --a--x--c--|        x: rejected
 *     out       --a-----c--|
 */
export function accepted<Frame extends LiveFrame>(): OperatorFunction<Frame | RejectedFrame, Frame> {
  return outcomes(() => (outcome: Frame | RejectedFrame) => (outcome.kind === 'rejected' ? undefined : outcome));
}
