import type { Benchmark } from '../benchmark.ts';
import type { Row } from '../row.ts';
import type { ContestReport, ContestTask } from './contest-main.ts';
import type { ContestName } from './contests/contests.ts';
import { freshProcess } from './fresh-process.ts';
import type { MeasureOptions, Pair } from './measure.ts';
import { pairsRow } from './pairs-row.ts';

const QUICK: MeasureOptions = { pairs: 5, milliseconds: 20 };
const FULL: MeasureOptions = { pairs: 21, milliseconds: 100 };

/** How many processes hold a contest whose ratios are held against limits, at least. */
const CHECKED = 3;

/** How many processes hold a contest, one after the other, in full and quick. */
interface Processes {
  readonly full: number;
  readonly quick: number;
}

/**
 * **The benchmark that holds these contests**, each in processes of its own, because the same code may be compiled better in one
 * than in the next.
 */
export function contest(names: readonly ContestName[], processes: Processes): Benchmark {
  return async ({ quick, check }) => {
    const times = check ? Math.max(processes.quick, CHECKED) : quick ? processes.quick : processes.full;
    const rows: Row[] = [];
    for (const name of names) {
      const task: ContestTask = { contest: name, ...(quick ? QUICK : FULL) };
      const reports: ContestReport[] = [];
      for (let count = 0; count < times; count += 1) {
        reports.push((await freshProcess('contest-main.ts', task)) as ContestReport);
      }
      for (const comparison of Object.keys(reports[0] as ContestReport)) {
        const pairs = reports.map((report) => report[comparison] as readonly Pair[]);
        rows.push(pairsRow(comparison, 'ns/frame', pairs));
      }
    }
    return rows;
  };
}
