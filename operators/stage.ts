import { defer, filter, map, type Observable, type OperatorFunction } from 'rxjs';
import { isRejected, type LiveFrame, type RejectedFrame } from './frame.ts';
import { callable } from './options.ts';

/** An operator that takes one outcome in and gives one outcome out: a frame that has come further, or a rejected one. */
export type Stage<In extends LiveFrame, Out extends LiveFrame = In> = OperatorFunction<
  In | RejectedFrame,
  Out | RejectedFrame
>;

/** What {@link outcomes} takes out of the stream. A value of its own, because `undefined` may be a consumer's result. */
export const left = Symbol('left out');

type Step = (outcome: unknown) => unknown;

/** The neighbouring stages that end in an Observable, so that the next stage can join them. */
interface Chain {
  readonly source: Observable<unknown>;
  readonly steps: readonly (() => Step)[];
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
  return outcomes(() => {
    const examine = callable('liftEach: what create gives', create());
    return (outcome) => (isRejected(outcome) ? outcome : given(examine(outcome)));
  });
}

/** A function without its `return` would pass `undefined` on, to fail somewhere else. */
function given<Outcome>(outcome: Outcome): Outcome {
  if (outcome === undefined)
    throw new TypeError('lift: the function must give a frame, or reject(frame, …), and gave undefined');
  return outcome;
}

/**
 * **Makes an operator that sees every outcome**, rejected ones too, and may take some out of the stream by giving
 * {@link left}: for `metrics`, `audit`, `accepted` and their like.
 */
export function outcomes<In, Out>(create: () => (outcome: In) => Out | typeof left): OperatorFunction<In, Out> {
  return (source) => {
    const before = chains.get(source);
    const chain: Chain = {
      source: before?.source ?? source,
      steps: [...(before?.steps ?? []), create as () => Step],
    };
    const result = defer(() => chain.source.pipe(map(compose(chain.steps.map((start) => start()))), filter(isIn)));
    chains.set(result, chain);
    return result as Observable<Out>;
  };
}

function compose(steps: readonly Step[]): Step {
  return (outcome) => {
    let current = outcome;
    for (const step of steps) {
      current = step(current);
      if (current === left) return left;
    }
    return current;
  };
}

function isIn(outcome: unknown): boolean {
  return outcome !== left;
}
