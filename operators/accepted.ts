import type { OperatorFunction } from 'rxjs';
import { isRejected, type RejectedFrame } from './frame.ts';
import { left, outcomes } from './stage.ts';

/**
 * **Narrows the stream to what no stage rejected.** The rejected frames were seen by `metrics` and `audit` before, or
 * go to {@link rejected} in another branch of a shared stream.
 *
 *     in        --a--x--c--|        x: rejected
 *     out       --a-----c--|
 */
export function accepted<T>(): OperatorFunction<T | RejectedFrame, T> {
  return outcomes(() => (outcome: T | RejectedFrame) => (isRejected(outcome) ? left : outcome));
}
