import { RxFrameError } from '../../../operators/errors.ts';
import { advice } from './advice.ts';
import { STEPS, type CheckStep, type StepName } from './check-step.ts';
import { exitCode, exitCodeOf } from '../exit-code.ts';
import { StepProblem } from './step-problem.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** What a step found. */
export interface Finding<T> {
  /** For the steps that follow. */
  readonly found: T;
  /** For people. */
  readonly detail: string;
}

/** **Does the steps one after the other**, shows what each came to, and keeps the count. */
export class Checklist {
  readonly #show: (step: CheckStep) => void;
  readonly #open = new Set<StepName>(STEPS);
  #exitCode: number = exitCode.done;
  #failed = 0;

  constructor(show: (step: CheckStep) => void) {
    this.#show = show;
  }

  /** What the first failure deserves. */
  get exitCode(): number {
    return this.#exitCode;
  }

  get failed(): number {
    return this.#failed;
  }

  /**
   * Does a step.
   *
   * @returns what it found; undefined where it failed, or was skipped
   * @throws what `work` throws, where that is a defect
   */
  async do<T>(step: StepName, work: () => Finding<T> | Promise<Finding<T>>): Promise<T | undefined> {
    this.#open.delete(step);
    const start = performance.now();
    const took = () => ({ durationMs: Math.round(performance.now() - start) });
    try {
      const { found, detail } = await work();
      this.#show({ step, verdict: 'ok', detail, ...took() });
      return found;
    } catch (error) {
      this.#show({ step, ...this.#judge(error), ...took() });
      return undefined;
    }
  }

  /** Shows the steps that were not done. */
  end(): void {
    for (const step of this.#open) this.#show({ step, verdict: 'skipped', detail: 'not tried' });
  }

  #judge(error: unknown): Pick<CheckStep, 'verdict' | 'detail' | 'advice' | 'code'> {
    if (error instanceof StepProblem && error.verdict === 'skipped') return verdictOf(error);
    if (!(error instanceof StepProblem || error instanceof RxFrameError || error instanceof UsageError)) throw error;
    if (this.#failed === 0) this.#exitCode = exitCodeOf(error);
    this.#failed += 1;
    if (error instanceof StepProblem) return verdictOf(error);
    const hint = advice(error);
    return {
      verdict: 'failed',
      detail: error.message,
      ...(hint !== undefined && { advice: hint }),
      ...(error instanceof RxFrameError && { code: error.code }),
    };
  }
}

function verdictOf({ verdict, message, advice: hint }: StepProblem): Pick<CheckStep, 'verdict' | 'detail' | 'advice'> {
  return { verdict, detail: message, advice: hint };
}
