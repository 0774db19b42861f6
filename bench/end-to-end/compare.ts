import { median } from '../median.ts';
import type { Row } from '../row.ts';

/** A row from pairs of runs, one beside the other. */
export function compare(name: string, unit: string, pairs: readonly (readonly [ours: number, peer: number])[]): Row {
  const ratios = pairs.map(([ours, peer]) => ours / peer);
  return {
    name,
    ours: median(pairs.map(([ours]) => ours)),
    peer: median(pairs.map(([, peer]) => peer)),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    unit,
  };
}
