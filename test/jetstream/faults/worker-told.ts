import type { ConsumeTotals } from '../../../src/jetstream/consume/consume-totals.ts';
import type { Memory } from '../../faults/memory.ts';

/** What a worker tells. */
export type WorkerTold =
  | { readonly type: 'connected' }
  /** It was asked to end, and what was worked on is settled. */
  | { readonly type: 'completed' }
  /** All else and its partitions are given back, too. */
  | { readonly type: 'done' }
  | WorkerMeasured;

/** What it holds, and has done. */
export interface WorkerMeasured extends Memory {
  readonly type: 'measured';
  readonly totals: ConsumeTotals;
}
