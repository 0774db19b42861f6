import { mixSeeds, mulberry32, type Random } from '../../../src/simulator/random.ts';
import { FAULT_SEED } from '../seed.ts';
import type { Listener } from './listener.ts';

/** So many processes at a time: most of the time each waits for something. */
const AT_A_TIME = 3;

/** Runs a scenario at so many seeded moments, and says of a failure which one it was. Each gives the process that it ran. */
export async function moments(
  scenario: string,
  count: number,
  attempt: (random: Random, moment: number) => Promise<Listener>,
): Promise<void> {
  const left = Array.from({ length: count }, (_, moment) => moment);
  let longest = 0;
  const work = async () => {
    for (let moment = left.shift(); moment !== undefined; moment = left.shift()) {
      try {
        const { stopTime } = await attempt(mulberry32(mixSeeds(FAULT_SEED, moment, ...Buffer.from(scenario))), moment);
        longest = Math.max(longest, stopTime ?? 0);
      } catch (cause) {
        left.length = 0;
        throw new Error(`${scenario}, moment ${moment}; replay with FAULT_SEED=${FAULT_SEED}`, { cause });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const stopped = longest === 0 ? '' : `, ended ${(longest / 1_000).toFixed(1)} s after the signal at the latest`;
  console.log(`${scenario}: ${count} moments${stopped} (FAULT_SEED=${FAULT_SEED})`);
}
