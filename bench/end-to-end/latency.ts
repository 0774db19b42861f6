import type { Arena, Run } from './arena.ts';
import { compare } from './compare.ts';
import { inArena } from './in-arena.ts';
import { quantile } from './quantile.ts';
import type { Row } from '../row.ts';

/** How much is measured. */
interface LatencyOptions {
  /** Of the maximum rate. */
  readonly shares: readonly number[];
  readonly rounds: number;
  /** How long frames are sent for the measurement, in seconds. */
  readonly seconds: number;
  /** How long they are sent before that. */
  readonly warmUpSeconds: number;
}

const QUANTILES = [
  ['p50', 0.5],
  ['p99', 0.99],
  ['p99.9', 0.999],
] as const;

/**
 * **From the server's send to the consumer of an accepted frame**, ours against the bare client, at the same rates: shares of
 * what the slower of the two takes at most. The times are joined afterwards; no frame carries one.
 */
export const latency = inArena(measure, {
  full: { shares: [0.1, 0.5, 0.9], rounds: 5, seconds: 8, warmUpSeconds: 2 },
  quick: { shares: [0.5], rounds: 1, seconds: 1, warmUpSeconds: 1 },
});

async function measure(arena: Arena, { shares, rounds, seconds, warmUpSeconds }: LatencyOptions): Promise<Row[]> {
  const flatOut = { frames: 100_000 };
  const ours = await arena.run('rxframe', flatOut, { warmUp: 50_000 });
  const bare = await arena.run('bare ws', flatOut, { warmUp: 50_000 });
  const maximum = Math.min(ours.framesPerSecond, bare.framesPerSecond);

  const rows: Row[] = [];
  for (const share of shares) {
    const rate = Math.round(maximum * share);
    const warmUp = rate * warmUpSeconds;
    const feed = { frames: warmUp + rate * seconds, rate, timed: true };
    const pairs: [number[], number[]][] = [];
    for (let round = 0; round < rounds; round += 1) {
      pairs.push([
        latencies(await arena.run('rxframe', feed, { warmUp: 0 }), warmUp),
        latencies(await arena.run('bare ws', feed, { warmUp: 0 }), warmUp),
      ]);
    }
    for (const [name, value] of QUANTILES) {
      rows.push(
        compare(
          `latency ${name} at ${share * 100} % of the maximum rate (${rate} frames/s)`,
          'ms',
          pairs.map(([ours, bare]) => [quantile(ours, value), quantile(bare, value)]),
        ),
      );
    }
  }
  return rows;
}

/** Of the accepted frames after the warm-up, in milliseconds. */
function latencies({ sentAt, throughAt }: Run, warmUp: number): number[] {
  return Array.from(throughAt, (at, sequence) => (at === 0 ? NaN : at - (sentAt[sequence] as number)))
    .slice(warmUp)
    .filter((latency) => !Number.isNaN(latency));
}
