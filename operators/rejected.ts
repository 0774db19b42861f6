import type { OperatorFunction } from 'rxjs';
import { isRejected, type RejectedFrame } from './frame.ts';
import { left, outcomes } from './stage.ts';

/**
 * **Narrows the stream to the dead letters**: the frames that a stage rejected, with the stage, the reason and the issues.
 *
 *     in        --a--x--c--|        x: rejected
 *     out       -----x-----|
 */
export function rejected(): OperatorFunction<unknown, RejectedFrame> {
  return outcomes(() => (outcome: unknown) => (isRejected(outcome) ? outcome : left));
}
