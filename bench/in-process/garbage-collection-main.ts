import { Meter } from 'rxframe/operators';
import { corpus, MAX_BYTES } from '../corpus.ts';
import { mustAgree } from '../must-agree.ts';
import { sixStages } from '../six-stages.ts';
import { Collections } from './collections.ts';
import type { Pass } from './comparison.ts';
import { byHand } from './contests/by-hand.ts';
import { through } from './contests/through.ts';
import type { Pair } from './measure.ts';
import { settings } from './settings.ts';

/** How much is measured. */
export interface GarbageCollectionTask {
  readonly pairs: number;
  readonly milliseconds: number;
}

const { pairs, milliseconds } = settings() as GarbageCollectionTask;
const frames = await corpus();
mustAgree(frames);
const ours = through(frames, sixStages(new Meter(), MAX_BYTES));
const peer = byHand(frames);

const collections = new Collections();
await share(ours);
await share(peer);
const report: Pair[] = [];
for (let count = 0; count < pairs; count += 1) report.push({ ours: await share(ours), peer: await share(peer) });
process.send?.(report, () => process.disconnect());

/** The time in collections, in percent of the time that passes. */
async function share(pass: Pass): Promise<number> {
  const start = performance.now();
  do await pass();
  while (performance.now() - start < milliseconds);
  const end = performance.now();
  const found = await collections.between(start, end);
  return (100 * found.reduce((sum, { duration }) => sum + duration, 0)) / (end - start);
}
