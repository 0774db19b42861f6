import type { Row } from './row.ts';

/** How much is measured. */
export interface BenchmarkOptions {
  /** Less of it, for a look: some seconds. */
  readonly quick: boolean;
  /** Whether the ratios will be held against limits: then several processes have to agree. */
  readonly check: boolean;
}

/** One benchmark: measures, and gives its lines of the table. It leaves nothing running. */
export type Benchmark = (options: BenchmarkOptions) => Promise<readonly Row[]>;
