import { Observable, Subscriber, type OperatorFunction } from 'rxjs';
import { isRejected, type LiveFrame, type RejectedFrame } from './frame.ts';
import { callable } from './options.ts';

/** An operator that takes one outcome in and gives one outcome out: a frame that has come further, or a rejected one. */
export type Stage<In extends LiveFrame, Out extends LiveFrame = In> = OperatorFunction<
  In | RejectedFrame,
  Out | RejectedFrame
>;

/** What {@link outcomes} takes out of the stream. A value of its own, because `undefined` may be a consumer's result. */
export const left = Symbol('left out');

/** What a stage does with an outcome. */
interface Step {
  /** False for a stage that rejected frames pass untouched. */
  readonly seesRejected: boolean;
  readonly take: (outcome: unknown) => unknown;
}

/** The neighbouring stages that end in an Observable, so that the next stage can join them. */
interface Chain {
  readonly source: Observable<unknown>;
  readonly starts: readonly (() => Step)[];
}

const chains = new WeakMap<Observable<unknown>, Chain>();

/**
 * **Lifts a pure function from frame to outcome into an operator.**
 *
 * Rejected frames pass it untouched; what the function throws is the stream's error. Neighbouring stages share one
 * subscription, because hops, not function calls, are what a pipeline costs.
 *
 *     in             --a--b--x--c--|        x: rejected before
 *     lift(f) out    --A--y--x--C--|        y: rejected by f
 *
 * @param examine - gives the same frame, the next one, or `reject(frame, …)`
 */
export function lift<In extends LiveFrame, Out extends LiveFrame = In>(
  examine: (frame: In) => Out | RejectedFrame,
): Stage<In, Out> {
  callable('lift: examine', examine);
  return liftEach(() => examine);
}

/**
 * **{@link lift} for a stage that remembers something**: `create` is called once for each subscription, so that state
 * is never shared between two of them.
 */
export function liftEach<In extends LiveFrame, Out extends LiveFrame = In>(
  create: () => (frame: In) => Out | RejectedFrame,
): Stage<In, Out> {
  callable('liftEach: create', create);
  return joined(() => ({
    seesRejected: false,
    take: callable('liftEach: what create gives', create()) as Step['take'],
  }));
}

/**
 * **Makes an operator that sees every outcome**, rejected ones too, and may take some out of the stream by giving
 * {@link left}: for `metrics`, `audit`, `accepted` and their like.
 */
export function outcomes<In, Out>(create: () => (outcome: In) => Out | typeof left): OperatorFunction<In, Out> {
  return joined(() => ({ seesRejected: true, take: create() as Step['take'] }));
}

function joined<In, Out>(start: () => Step): OperatorFunction<In, Out> {
  return (source) => {
    const before = chains.get(source);
    const chain: Chain = { source: before?.source ?? source, starts: [...(before?.starts ?? []), start] };
    const result = new Observable<unknown>((subscriber) => {
      const steps = chain.starts.map((start) => start());
      return chain.source.subscribe(new StagesSubscriber(subscriber, steps));
    });
    chains.set(result, chain);
    return result as Observable<Out>;
  };
}

/* eslint-disable @typescript-eslint/no-deprecated -- RxJS 7 offers no other way to write an operator in one hop. */
/** One hop for all of them: `map` and `filter` would be two. */
class StagesSubscriber extends Subscriber<unknown> {
  readonly #steps: readonly Step[];

  constructor(destination: Subscriber<unknown>, steps: readonly Step[]) {
    super(destination);
    this.#steps = steps;
  }

  protected override _next(outcome: unknown): void {
    let result: unknown;
    try {
      result = through(this.#steps, outcome);
    } catch (error) {
      this.destination.error(error);
      return;
    }
    if (result !== left) this.destination.next(result);
  }
}
/* eslint-enable @typescript-eslint/no-deprecated */

function through(steps: readonly Step[], outcome: unknown): unknown {
  let current = outcome;
  let rejected = isRejected(current);
  for (const step of steps) {
    if (rejected && !step.seesRejected) continue;
    const next = step.take(current);
    if (next === current) continue;
    if (next === left) return left;
    if (next === undefined && !step.seesRejected)
      throw new TypeError('lift: the function must give a frame, or reject(frame, …), and gave undefined');
    current = next;
    rejected = isRejected(current);
  }
  return current;
}
