import type { Comparison, Pass } from './comparison.ts';

/** Nanoseconds a frame. */
export interface Pair {
  readonly ours: number;
  readonly peer?: number;
}

/** How much is measured. */
export interface MeasureOptions {
  readonly pairs: number;
  /** How long one run of a pair takes, so that it has its share of garbage collection. */
  readonly milliseconds: number;
}

/** How many runs' time the warm-up takes: the code is compiled by then, and the compiler is at rest. */
const WARM_UP_RUNS = 5;

/** **Measures a comparison in alternating runs**: ours and the peer's, then the peer's and ours. */
export async function measure(
  { frames, ours, peer }: Comparison,
  { pairs, milliseconds }: MeasureOptions,
): Promise<readonly Pair[]> {
  const oursTimes = await warmUp(ours, milliseconds);
  if (peer === undefined) {
    const results: Pair[] = [];
    for (let pair = 0; pair < pairs; pair += 1) results.push({ ours: await time(ours, oursTimes, frames) });
    return results;
  }

  const peerTimes = await warmUp(peer, milliseconds);
  // Once more: what the peer's warm-up has taught the compiler must not be learnt in the first pair.
  await warmUp(ours, milliseconds);
  const results: Pair[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 2 === 0) {
      const first = await time(ours, oursTimes, frames);
      results.push({ ours: first, peer: await time(peer, peerTimes, frames) });
    } else {
      const first = await time(peer, peerTimes, frames);
      results.push({ ours: await time(ours, oursTimes, frames), peer: first });
    }
  }
  return results;
}

/** Says how many passes a run of that length takes. */
async function warmUp(pass: Pass, milliseconds: number): Promise<number> {
  const end = performance.now() + WARM_UP_RUNS * milliseconds;
  let passes = 0;
  do {
    await pass();
    passes += 1;
  } while (performance.now() < end);
  return Math.ceil(passes / WARM_UP_RUNS);
}

async function time(pass: Pass, times: number, frames: number): Promise<number> {
  const start = performance.now();
  for (let count = 0; count < times; count += 1) await pass();
  return ((performance.now() - start) * 1e6) / (times * frames);
}
