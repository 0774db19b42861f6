import type { PublishTotals } from '../../../src/jetstream/publish/publish-totals.ts';
import type { Memory } from '../../faults/memory.ts';

/** What an ingester tells. */
export type IngesterTold =
  /** Its socket is open. */
  | { readonly type: 'open' }
  /** Its first event is stored: it holds back no longer. */
  | { readonly type: 'publishing' }
  /** All that was sent to it before that mark is stored. */
  | { readonly type: 'settled'; readonly mark: string }
  | IngesterMeasured;

/** What it holds, and has done. */
export interface IngesterMeasured extends Memory {
  readonly type: 'measured';
  readonly totals: PublishTotals;
  /** Whether its socket is paused. */
  readonly held: boolean;
  /** How often it was resumed. */
  readonly releases: number;
}
