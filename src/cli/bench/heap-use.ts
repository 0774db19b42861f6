import { GCProfiler, getHeapStatistics } from 'node:v8';

/** What some work took of the heap. */
export interface HeapUse {
  /** What it allocated on the heap of JavaScript, in bytes: all of it, whether it was collected or not. */
  readonly allocated: number;
  /** The part of its time that the garbage collector took, from 0 to 1. */
  readonly collecting: number;
}

/** **Counts what a synchronous function allocates**: how much more there is on the heap after it, and what was collected meanwhile. */
export function heapUse(work: () => void): HeapUse {
  const profiler = new GCProfiler();
  const usedBefore = getHeapStatistics().used_heap_size;
  profiler.start();
  const start = performance.now();
  work();
  const took = performance.now() - start;
  const { statistics } = profiler.stop();
  const usedAfter = getHeapStatistics().used_heap_size;

  let collected = 0;
  let microseconds = 0;
  for (const { beforeGC, afterGC, cost } of statistics) {
    collected += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
    microseconds += cost;
  }
  return { allocated: usedAfter - usedBefore + collected, collecting: microseconds / 1_000 / took };
}
