import type { Finding } from './checklist.ts';
import { StepProblem } from './step-problem.ts';

/** By how much the clocks may differ, in milliseconds: `notifications` allows for it in the bounds of gaps, by default. */
const TOLERANCE = 2_000;

/**
 * **Judges the difference of the clocks.**
 *
 * @param ahead - by how much the server's is ahead of ours, in milliseconds; undefined where that is not known
 * @throws StepProblem where it is too large, or not known
 */
export function checkClock(ahead: number | undefined): Finding<number> {
  if (ahead === undefined) {
    throw new StepProblem(
      'skipped',
      'the API does not say its time',
      'Make sure that the clock of this machine is right.',
    );
  }
  const seconds = (Math.abs(ahead) / 1_000).toFixed(1);
  const detail =
    ahead === 0 ? 'no difference in whole seconds' : `ours is ${seconds} s ${ahead > 0 ? 'behind' : 'ahead'}`;
  if (Math.abs(ahead) > TOLERANCE) {
    throw new StepProblem(
      'failed',
      detail,
      'Let NTP set the clock: the times of gaps, and the end of channels, go by it.',
    );
  }
  return { found: ahead, detail };
}
