import { expect } from 'vitest';
import type { Memory } from './memory.ts';

function peak(samples: readonly Memory[]): Memory {
  const most = (member: keyof Memory) => Math.max(...samples.map((sample) => sample[member]));
  return { heap: most('heap'), external: most('external'), rss: most('rss') };
}

/** The most that was held, for people. */
export function peakInWords(samples: readonly Memory[]): string {
  const { heap, external, rss } = peak(samples);
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return `heap ${megabytes(heap)} MB, buffers ${megabytes(external)} MB, rss ${megabytes(rss)} MB`;
}

/**
 * Memory is flat where the late samples have at their most a heap of at most 1.1 times the early ones'. The collector frees
 * buffers, and gives pages back, when it sees fit: for them it is 1.25 times, and 2 MB.
 */
export function expectFlat(early: readonly Memory[], late: readonly Memory[]): void {
  const [before, after] = [peak(early), peak(late)];
  const loosely = (bytes: number) => 1.25 * bytes + 2e6;
  expect(after.heap, 'heap').toBeLessThanOrEqual(1.1 * before.heap);
  expect(after.external, 'buffers').toBeLessThanOrEqual(loosely(before.external));
  expect(after.rss, 'rss').toBeLessThanOrEqual(loosely(before.rss));
}
