import { setImmediate } from 'node:timers/promises';
import { quantile } from './quantile.ts';
import type { PipelinePart } from './standard-pipeline.ts';

/** What one stage costs. Times are in nanoseconds a frame. */
export interface StageCost {
  readonly stage: string;
  /** The median of the pipeline with this stage, less the median of the one without it. */
  readonly nanoseconds: number;
  /** The quartiles of that difference, round by round. */
  readonly quartiles: readonly [lower: number, upper: number];
  /** Its part of the whole, from 0 to 1. */
  readonly share: number;
}

/** What {@link measureStages} found. */
export interface StageCosts {
  readonly rounds: number;
  /** The median of the whole pipeline, in nanoseconds a frame. */
  readonly nanoseconds: number;
  readonly stages: readonly StageCost[];
}

/** What a round is repeated for: until this time, on the clock of `performance`, or until it is stopped. At least one is done. */
export interface Deadline {
  readonly at: number;
  readonly stopped: AbortSignal;
}

/** So many rounds do not count: in them the compiler sees what is worth its while. */
const WARM_UP_ROUNDS = 3;

/**
 * **Measures what each stage costs**, by the difference that it makes: each round runs each part once, from another one on,
 * so that what disturbs the machine disturbs all alike.
 *
 * @param parts - each with one stage more than the one before
 * @param frames - how many frames one run has
 */
export async function measureStages(
  parts: readonly PipelinePart[],
  frames: number,
  { at, stopped }: Deadline,
): Promise<StageCosts> {
  const all: (readonly number[])[] = [];
  do {
    all.push(await timesOf(parts, frames, all.length));
  } while ((all.length <= WARM_UP_ROUNDS || performance.now() < at) && !stopped.aborted);
  // Where it is stopped at once, better than nothing.
  const rounds = all.length > WARM_UP_ROUNDS ? all.slice(WARM_UP_ROUNDS) : all;

  const medians = parts.map((_, part) =>
    quantile(
      rounds.map((times) => times[part] as number),
      0.5,
    ),
  );
  const whole = medians.at(-1) as number;
  const stages = parts.map(({ stage }, part) => {
    const nanoseconds = (medians[part] as number) - (medians[part - 1] ?? 0);
    const differences = rounds.map((times) => (times[part] as number) - (times[part - 1] ?? 0));
    return {
      stage,
      nanoseconds,
      quartiles: [quantile(differences, 0.25), quantile(differences, 0.75)] as const,
      share: nanoseconds / whole,
    };
  });
  return { rounds: rounds.length, nanoseconds: whole, stages };
}

/** One round: what a frame takes in each part, in nanoseconds. */
async function timesOf(parts: readonly PipelinePart[], frames: number, round: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < parts.length; turn += 1) {
    const part = (round + turn) % parts.length;
    const { outcomes$ } = parts[part] as PipelinePart;
    const before = performance.now();
    outcomes$.subscribe();
    times[part] = ((performance.now() - before) * 1e6) / frames;
    // A signal gets its turn.
    await setImmediate();
  }
  return times;
}
