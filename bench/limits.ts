import type { Row } from './row.ts';

/** What `--check` allows: wide for times, narrow for what is counted. */
const limits: Readonly<Record<string, number>> = {
  'six stages, cold source': 1.25,
  'six stages, Subject': 1.25,
  'six stages, among other operators': 1.25,
  'six stages, allocated on the heap': 1.15,
};

/**
 * A line for each ratio that passes its limit, and for each that was not measured. The least ratio of several processes counts: a busy
 * machine stretches that of one, a mistake that of all.
 */
export function overLimits(rows: readonly Row[]): readonly string[] {
  return Object.entries(limits).flatMap(([name, limit]) => {
    const ratio = rows.find((row) => row.name === name)?.spread?.[0];
    if (ratio === undefined) return [`${name}: not measured; its limit is ${limit} ×`];
    return ratio <= limit ? [] : [`${name}: ${ratio.toFixed(3)} ×, at most ${limit} × is allowed`];
  });
}
