import { describe, expect, it } from 'vitest';
import type { ScenarioEntry } from '../../../src/simulator/index.ts';
import { accountedRun } from '../../genesys/notification-account.ts';
import { FAULT_SEED } from '../seed.ts';

/** Numbers from 0 up to 1, the same for the same seed. */
function random(from: number): () => number {
  let state = from;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('random cuts, half-open sockets and handovers under a thousand events a second', () => {
  it('cost only events that are in a gap that is told', { timeout: 600_000 }, async () => {
    const chance = random(FAULT_SEED);
    const scenario: ScenarioEntry[] = [];
    for (let at = 8_000; at < 280_000; at += 200 + Math.round(chance() * 4_000)) {
      const does =
        (['cut', 'cut', 'socket-closing', 'mute', 'expire-channel'] as const)[Math.floor(chance() * 5)] ?? 'cut';
      scenario.push({ at, do: does });
    }
    const run = accountedRun({
      platform: { activity: { rate: 1_000, agents: 100, queues: 8 }, seed: FAULT_SEED, jitter: 40, scenario },
      client: { overlap: 400, hold: 150, silence: 6_000, pingInterval: 2_000, reconnect: { stableAfter: 500 } },
    });
    await run.pass(320_000);
    const { expected, seen, twice, lostInGaps, lostInSilence, outOfOrder, gaps, error } = await run.close();
    console.log(
      `seed ${FAULT_SEED}: ${scenario.length} faults, ${gaps.length} gaps, ${expected} events: ${expected - seen} lost, ${lostInGaps} of them in gaps, ${twice} twice, ${outOfOrder} out of order`,
    );
    expect({ twice, lostInSilence, outOfOrder, error }).toStrictEqual({
      twice: 0,
      lostInSilence: [],
      outOfOrder: 0,
      error: undefined,
    });
    expect(lostInGaps).toBeGreaterThan(0);
  });
});
