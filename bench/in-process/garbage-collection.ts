import type { BenchmarkOptions } from '../benchmark.ts';
import type { Row } from '../row.ts';
import { freshProcess } from './fresh-process.ts';
import type { GarbageCollectionTask } from './garbage-collection-main.ts';
import type { Pair } from './measure.ts';
import { pairsRow } from './pairs-row.ts';

/** **The time that goes into garbage collection**: the six stages against the hand-fused function. */
export async function garbageCollection({ quick }: BenchmarkOptions): Promise<Row[]> {
  const task: GarbageCollectionTask = quick ? { pairs: 2, milliseconds: 500 } : { pairs: 9, milliseconds: 2_000 };
  const pairs = (await freshProcess('garbage-collection-main.ts', task, ['--expose-gc'])) as readonly Pair[];
  return [pairsRow('six stages, time in garbage collection', '% of the time', [pairs])];
}
