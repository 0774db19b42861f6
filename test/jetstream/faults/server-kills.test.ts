import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { integerBetween } from '../../../src/simulator/random.ts';
import { FLAWLESS } from './account.ts';
import { print } from './print.ts';
import { Scene } from './scene.ts';

/** Events a second. */
const RATE = 1_500;
const KILLS = 8;

it(`a server that is killed ${KILLS} times, and stands still: each event is stored once, and worked on, in order`, async () => {
  const scene = await Scene.start(6);
  onTestFinished(() => scene.close());
  const { feed, random, server } = scene;
  await scene.startIngesters();
  await scene.startWorkers(3);
  feed.events.start(RATE);
  for (let kills = 0; kills < KILLS; kills += 1) {
    await delay(integerBetween(random, 200, 1_500));
    await server.kill();
    await delay(integerBetween(random, 0, 1_200));
    await server.restart();
    if (random() < 0.5) await scene.untilLeft(RATE / 2);
  }
  server.freeze();
  await delay(3_000);
  server.thaw();
  const stored = await scene.stored();
  const worked = await scene.worked();
  print('server kills', scene, `${KILLS} kills, 3 s of standing still`, stored, worked);
  expect(stored).toEqual(FLAWLESS);
  expect(worked).toMatchObject({ ...FLAWLESS, overlaps: [] });
});

it('workers that keep their partitions while the server is killed, and forgets what was acknowledged last: hardly anything is worked on again', async () => {
  const scene = await Scene.start(6, 60_000);
  onTestFinished(() => scene.close());
  const { feed, random, server } = scene;
  await scene.startIngesters({ holdBack: 0 });
  await scene.startWorkers(3);
  feed.events.start(RATE);
  for (let kills = 0; kills < 4; kills += 1) {
    await scene.untilLeft(RATE / 2);
    await delay(integerBetween(random, 200, 1_000));
    await server.kill();
    await server.restart();
  }
  const stored = await scene.stored();
  const worked = await scene.worked();
  print('server kills, leases kept', scene, '4 kills', stored, worked);
  expect(worked).toMatchObject({ ...FLAWLESS, overlaps: [] });
  // Mostly nothing. Without the memory of what was settled it is some 700; a server that forgets a lease, too, may cost what a partition has in hand.
  expect(worked.again).toBeLessThan(256);
});
