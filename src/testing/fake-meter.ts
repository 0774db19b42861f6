import type { AnyFrame } from '../../operators/frame.ts';
import { Meter } from '../../operators/meter.ts';

/**
 * **A meter that also keeps what it counted**, for `metrics(meter)` and `preselect(types, { meter })`.
 *
 * In virtual time, give it the scheduler as its clock: `new FakeMeter({ clock: scheduler })`.
 */
export class FakeMeter extends Meter {
  /** The outcomes recorded, in order. */
  readonly outcomes: AnyFrame[] = [];

  override record(outcome: AnyFrame): void {
    this.outcomes.push(outcome);
    super.record(outcome);
  }
}
