import { Meter } from 'rxframe/operators';
import { corpus, MAX_BYTES } from '../corpus.ts';
import { mustAgree } from '../must-agree.ts';
import { sixStages } from '../six-stages.ts';
import { Collections } from './collections.ts';
import type { Pass } from './comparison.ts';
import { byHand } from './contests/by-hand.ts';
import { through } from './contests/through.ts';
import type { Pair } from './measure.ts';

/** What was allocated, in bytes a frame: on the heap, and outside of it in buffers. */
export interface AllocationReport {
  readonly heap: readonly Pair[];
  readonly buffers: readonly Pair[];
}

const PAIRS = 5;
const WARM_UP_PASSES = 50;
/** As many as the young generation holds the garbage of. */
const PASSES = 3;

const frames = await corpus();
mustAgree(frames);
const ours = through(frames, sixStages(new Meter(), MAX_BYTES));
const peer = byHand(frames);
for (let count = 0; count < WARM_UP_PASSES; count += 1) {
  await ours();
  await peer();
}

const collections = new Collections();
const heap: Pair[] = [];
const buffers: Pair[] = [];
for (let count = 0; count < PAIRS; count += 1) {
  const one = await allocated(ours);
  const other = await allocated(peer);
  heap.push({ ours: one.heap, peer: other.heap });
  buffers.push({ ours: one.buffers, peer: other.buffers });
}
const report: AllocationReport = { heap, buffers };
process.send?.(report, () => process.disconnect());

/** Nothing is collected meanwhile, so that what is in use has grown by what was allocated. */
async function allocated(pass: Pass): Promise<{ readonly heap: number; readonly buffers: number }> {
  globalThis.gc?.();
  const start = performance.now();
  const before = process.memoryUsage();
  for (let count = 0; count < PASSES; count += 1) await pass();
  const after = process.memoryUsage();
  const found = await collections.between(start, performance.now());
  if (found.length > 0) throw new Error('There was a garbage collection: the young generation is too small.');
  const perFrame = (bytes: number) => bytes / (PASSES * frames.length);
  return {
    heap: perFrame(after.heapUsed - before.heapUsed),
    buffers: perFrame(after.arrayBuffers - before.arrayBuffers),
  };
}
