import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { groupLag } from '../../../src/jetstream/consume/group.ts';
import { expectFlat, peakInWords } from '../../faults/expect-flat.ts';
import { FAULT_SEED } from '../../faults/seed.ts';
import { Scene } from './scene.ts';
import type { WorkerMeasured } from './worker-told.ts';

const SECONDS = 20;
const PARTITIONS = 2;
const MAX_ACK_PENDING = 128;
const CONCURRENCY = 4;
/** The longest that work takes, in milliseconds: half of it, on average. */
const LONGEST = 40;
/** Ten times what the worker can do, in events a second. */
const RATE = (10 * CONCURRENCY * 1_000) / (LONGEST / 2);

it(`a worker that is ten times too slow for ${SECONDS} s: its memory is flat, and the engine keeps the rest`, async () => {
  const scene = await Scene.start(PARTITIONS);
  onTestFinished(() => scene.close());
  await scene.startIngesters({ holdBack: 0 });
  await scene.startWorkers(1, { longest: LONGEST, concurrency: CONCURRENCY, maxAckPending: MAX_ACK_PENDING });
  scene.feed.events.start(RATE);
  const [worker] = scene.workers.all;
  const samples: WorkerMeasured[] = [];
  while (samples.length < SECONDS) {
    await delay(1_000);
    worker!.say('measure');
    samples.push((await worker!.told.until(samples.length + 2)) as WorkerMeasured);
  }
  const { waiting } = await groupLag(scene.connection, { stream: 'EVENTS', group: 'workers' });
  scene.feed.events.stop();

  const inHand = Math.max(...samples.map(({ totals }) => totals.inHand));
  const { acknowledged, redelivered } = samples.at(-1)!.totals;
  const [early, late] = [samples.slice(SECONDS / 4, SECONDS / 2), samples.slice(-SECONDS / 4)];
  console.log(
    [
      `slow worker, seed ${FAULT_SEED}: ${acknowledged} of ${scene.feed.events.total} events in ${SECONDS} s`,
      `${waiting} wait in the engine; at most ${inHand} in hand, ${redelivered} delivered again`,
      `${peakInWords(early)} early, ${peakInWords(late)} late`,
    ].join('; '),
  );
  expect(inHand).toBeLessThanOrEqual(PARTITIONS * MAX_ACK_PENDING);
  expect(waiting).toBeGreaterThan(acknowledged);
  expectFlat(early, late);
});
