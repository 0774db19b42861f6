import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { integerBetween } from '../../../src/simulator/random.ts';
import { FLAWLESS } from './account.ts';
import { print } from './print.ts';
import { Scene, TTL } from './scene.ts';

/** Events a second. */
const RATE = 1_500;
const KILLS = 15;

it(`three members of a group, of which one is killed ${KILLS} times: each event is worked on, in order`, async () => {
  const scene = await Scene.start(6);
  onTestFinished(() => scene.close());
  const { feed, random } = scene;
  await scene.startIngesters();
  await scene.startWorkers(3);
  const { workers } = scene;
  feed.events.start(RATE);
  while (workers.kills < KILLS) {
    // Often while partitions change hands, often while all work.
    if (random() < 0.5) await scene.untilLeft(RATE / 2);
    await delay(integerBetween(random, 0, 700));
    const dice = random();
    if (dice < 0.65) await workers.killOne(random);
    else if (dice < 0.8) await workers.endOne(random);
    else await workers.freezeOne(random, integerBetween(random, TTL, 3 * TTL));
  }
  const stored = await scene.stored();
  const worked = await scene.worked();
  const { kills, ends, freezes } = workers;
  print('worker kills', scene, `${kills} kills, ${ends} ends, ${freezes.length} freezes`, stored, worked);
  expect(stored).toEqual(FLAWLESS);
  expect(worked).toMatchObject({ ...FLAWLESS, overlaps: [] });
});
