import { median } from '../median.ts';
import type { Row } from '../row.ts';
import type { Pair } from './measure.ts';

/**
 * A row from the pairs that were measured in each process. A figure is the median of the processes, each the median of its pairs;
 * the spread is that of the processes, or of the pairs where there was one process.
 */
export function pairsRow(name: string, unit: string, processes: readonly (readonly Pair[])[]): Row {
  const middle = (figure: (pair: Pair) => number) => median(processes.map((pairs) => median(pairs.map(figure))));
  const row = { name, ours: middle(({ ours }) => ours), unit };
  const [first = []] = processes;
  if (first[0]?.peer === undefined) return row;
  const ratio = ({ ours, peer }: Pair) => ours / (peer as number);
  const peer = middle(({ peer }) => peer as number);
  if (peer === 0) return { ...row, peer };
  const repeats = processes.length > 1 ? processes.map((pairs) => median(pairs.map(ratio))) : first.map(ratio);
  return {
    ...row,
    peer,
    ratio: middle(ratio),
    spread: [Math.min(...repeats), Math.max(...repeats)],
  };
}
