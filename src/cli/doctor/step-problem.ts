/** **A step found something that is no error of the platform**: a failure, or what is no hindrance (`skipped`). */
export class StepProblem extends Error {
  readonly verdict: 'failed' | 'skipped';
  /** What to do about it. */
  readonly advice: string;

  constructor(verdict: StepProblem['verdict'], message: string, advice: string) {
    super(message);
    this.name = 'StepProblem';
    this.verdict = verdict;
    this.advice = advice;
  }
}
