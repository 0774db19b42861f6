import type { MonoTypeOperatorFunction } from 'rxjs';
import type { AnyFrame } from './frame.ts';
import type { Meter } from './meter.ts';
import { withMethod } from './options.ts';
import { outcomes } from './stage.ts';

/**
 * **Records each outcome in a {@link Meter}**: its latency from the socket's receipt to this point, and what became of it.
 * Stands after the stages and before {@link accepted}, so that it sees them all, each once.
 *
 *     in        --a--x--c--|        x: rejected
 *     out       --a--x--c--|
 *     meter       1  2  3
 *
 * @throws TypeError at the call, where `meter` has no `record`
 */
export function metrics<T extends AnyFrame>(meter: Pick<Meter, 'record'>): MonoTypeOperatorFunction<T> {
  withMethod('metrics: meter', 'record', meter);
  return outcomes(() => (outcome: T) => {
    meter.record(outcome);
    return outcome;
  });
}
