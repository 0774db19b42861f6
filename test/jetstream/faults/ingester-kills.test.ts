import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { integerBetween } from '../../../src/simulator/random.ts';
import { FLAWLESS } from './account.ts';
import { print } from './print.ts';
import { Scene } from './scene.ts';

/** Events a second. */
const RATE = 1_500;
const KILLS = 15;

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.start(4);
});
afterEach(() => scene.close());

it(`two ingesters, of which one is killed ${KILLS} times: each event is stored once, in order`, async () => {
  await scene.startIngesters();
  const { feed, ingesters, random } = scene;
  feed.events.start(RATE);
  // Both publish now.
  await ingesters.settled();
  while (ingesters.kills < KILLS) {
    await delay(integerBetween(random, 0, 3_000));
    await ingesters.killOne(random);
  }
  const stored = await scene.stored();
  const behind = Math.round(ingesters.longestBehind);
  print('ingester kills', scene, `${ingesters.kills} kills, the other one up to ${behind} ms behind`, stored);
  expect(stored).toEqual(FLAWLESS);
});

it.each([
  { holdBack: 0, order: 'not in order' },
  { holdBack: 3_000, order: 'in order' },
])(
  'ingesters that start while the other one has a backlog, with $holdBack ms of holdBack: stored once, $order',
  async ({ holdBack }) => {
    await scene.startIngesters({ holdBack });
    const { feed, ingesters, random, server } = scene;
    feed.events.start(RATE);
    await ingesters.settled();
    for (let times = 0; times < 2; times += 1) {
      server.freeze();
      await delay(500);
      const killed = ingesters.killOne(random);
      await delay(1_500);
      server.thaw();
      await killed;
    }
    const stored = await scene.stored();
    const happened = `${ingesters.kills} kills while the engine stood still, holdBack ${holdBack} ms`;
    print('ingester starts behind a backlog', scene, happened, stored);
    const { outOfOrder, ...rest } = stored;
    expect(rest).toEqual({ lost: [], twice: [] });
    expect(outOfOrder.length > 0).toBe(holdBack === 0);
  },
);
