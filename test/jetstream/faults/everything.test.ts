import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { integerBetween } from '../../../src/simulator/random.ts';
import { FLAWLESS } from './account.ts';
import { print } from './print.ts';
import { Scene, TTL } from './scene.ts';

/** Events a second. */
const RATE = 1_000;
/** In milliseconds. */
const DURATION = 30_000;

it('ingesters, workers and the server, killed at random: each event is stored once, and worked on, in order', async () => {
  const scene = await Scene.start(6);
  onTestFinished(() => scene.close());
  const { feed, random, server } = scene;
  await scene.startIngesters({ holdBack: 8_000, highWaterMark: 16_384 });
  await scene.startWorkers(3);
  const { ingesters, workers } = scene;
  feed.events.start(RATE);
  // Both publish now.
  await ingesters.settled();
  let serverKills = 0;
  const until = performance.now() + DURATION;
  const again = async (longestPause: number, act: () => Promise<void>) => {
    while (performance.now() < until) {
      await delay(integerBetween(random, 0, longestPause));
      await act();
    }
  };
  await Promise.all([
    again(3_000, () => ingesters.killOne(random)),
    again(2_000, () => {
      const dice = random();
      if (dice < 0.6) return workers.killOne(random);
      return dice < 0.8 ? workers.endOne(random) : workers.freezeOne(random, integerBetween(random, TTL, 3 * TTL));
    }),
    again(8_000, async () => {
      await server.kill();
      serverKills += 1;
      await delay(integerBetween(random, 0, 1_000));
      await server.restart();
    }),
  ]);
  const stored = await scene.stored();
  const worked = await scene.worked();
  const { kills, ends, freezes } = workers;
  const happened = [
    `${ingesters.kills} kills of ingesters, the other one up to ${Math.round(ingesters.longestBehind)} ms behind`,
    `${kills} of workers (${ends} ends, ${freezes.length} freezes)`,
    `${serverKills} of the server`,
  ];
  print('everything', scene, happened.join(', '), stored, worked);
  expect(stored).toEqual(FLAWLESS);
  expect(worked).toMatchObject({ ...FLAWLESS, overlaps: [] });
});
