import { contests, type ContestName } from './contests/contests.ts';
import { measure, type MeasureOptions, type Pair } from './measure.ts';
import { settings } from './settings.ts';

/** Which contest a process holds. */
export interface ContestTask extends MeasureOptions {
  readonly contest: ContestName;
}

/** What it found, by the comparison's name. */
export type ContestReport = Readonly<Record<string, readonly Pair[]>>;

const { contest, ...options } = settings() as ContestTask;
const report: Record<string, readonly Pair[]> = {};
for (const comparison of await contests[contest]()) report[comparison.name] = await measure(comparison, options);
process.send?.(report, () => process.disconnect());
