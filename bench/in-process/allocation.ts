import { pairsRow } from './pairs-row.ts';
import type { Row } from '../row.ts';
import type { AllocationReport } from './allocation-main.ts';
import { freshProcess } from './fresh-process.ts';

/** Enough for all that is allocated in one count, in MiB. */
const YOUNG_GENERATION = 256;

/** **Bytes allocated for a frame**, counted: the six stages against the hand-fused function. */
export async function allocation(): Promise<Row[]> {
  const flags = [
    '--expose-gc',
    `--min-semi-space-size=${YOUNG_GENERATION}`,
    `--max-semi-space-size=${YOUNG_GENERATION}`,
  ];
  const { heap, buffers } = (await freshProcess('allocation-main.ts', {}, flags)) as AllocationReport;
  return [
    pairsRow('six stages, allocated on the heap', 'B/frame', [heap]),
    pairsRow('six stages, allocated in buffers', 'B/frame', [buffers]),
  ];
}
