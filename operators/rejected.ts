import type { OperatorFunction } from 'rxjs';
import type { AnyFrame, RejectedFrame } from './frame.ts';
import { outcomes } from './stage.ts';

/**
 * **Narrows the stream to the dead letters**: the frames that a stage rejected, with the stage, the reason and the issues.
 *
 *     in        --a--x--c--|        x: rejected
 *     out       -----x-----|
 */
export function rejected(): OperatorFunction<AnyFrame, RejectedFrame> {
  return outcomes(() => (outcome: AnyFrame) => (outcome.kind === 'rejected' ? outcome : undefined));
}
