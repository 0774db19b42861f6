import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { expectFlat, peakInWords } from '../../faults/expect-flat.ts';
import { FLAWLESS } from './account.ts';
import type { IngesterMeasured } from './ingester-told.ts';
import { print } from './print.ts';
import { Scene } from './scene.ts';

/** Events a second. */
const RATE = 5_000;
/** For how long the engine takes nothing. */
const SECONDS = 8;
const HIGH_WATER_MARK = 2_048;

it.each(['stands still', 'is down'] as const)(
  `an engine that %s for ${SECONDS} s: sockets are paused, memory is flat, and nothing is lost`,
  async (fault) => {
    const scene = await Scene.start(4);
    onTestFinished(() => scene.close());
    await scene.startIngesters({ highWaterMark: HIGH_WATER_MARK, holdBack: 0 });
    const { feed, server, ingesters } = scene;
    feed.events.start(RATE);
    await ingesters.settled();
    if (fault === 'is down') await server.kill();
    else server.freeze();
    const samples: IngesterMeasured[] = [];
    for (let second = 0; second < SECONDS; second += 1) {
      await delay(1_000);
      samples.push(await ingesters.measured());
    }
    const unsent = feed.unsent;
    if (fault === 'is down') await server.restart();
    else server.thaw();
    const stored = await scene.stored();

    const [early, late] = [samples.slice(2, 5), samples.slice(-3)];
    const inside = Math.max(...samples.map(({ totals }) => totals.inside));
    const happened = [
      `the engine ${fault} for ${SECONDS} s, at most ${inside} inside, ${unsent} bytes wait in front of the socket`,
      `${peakInWords(early)} early, ${peakInWords(late)} late`,
    ];
    print('slow engine', scene, happened.join('; '), stored);
    expect(late.every(({ held }) => held)).toBe(true);
    // What the socket has read when it is paused comes all the same.
    expect(inside).toBeLessThan(1.5 * HIGH_WATER_MARK);
    expect(unsent).toBeGreaterThan(0);
    expectFlat(early, late);
    expect(stored).toEqual(FLAWLESS);
  },
);
