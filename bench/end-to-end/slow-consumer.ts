import type { Arena } from './arena.ts';
import { startChild } from './child.ts';
import { compare } from './compare.ts';
import { inArena } from './in-arena.ts';
import { feedUrl } from './feed.ts';
import type { Row } from '../row.ts';
import type { SlowConsumerReport, SlowConsumerTask } from './slow-consumer-main.ts';

/** How much is measured. */
interface SlowConsumerOptions {
  readonly rounds: number;
  /** How long, in seconds. */
  readonly seconds: number;
}

/**
 * **How much memory a consumer takes that is more than ten times too slow**, for a server that sends flat out: ours, which
 * pauses the socket, against a queue by hand, which does not.
 */
export const slowConsumer = inArena(measure, {
  full: { rounds: 3, seconds: 10 },
  quick: { rounds: 1, seconds: 2 },
});

async function measure(arena: Arena, { rounds, seconds }: SlowConsumerOptions): Promise<Row[]> {
  const peak = async (client: SlowConsumerTask['client']): Promise<SlowConsumerReport> => {
    // More than anybody takes in the time.
    const task: SlowConsumerTask = { client, url: feedUrl(arena.serverUrl, { frames: 1e9 }), seconds };
    const child = await startChild<SlowConsumerReport>('slow-consumer-main.ts', task, (seconds + 30) * 1_000);
    try {
      return await child.next();
    } finally {
      await child.stop();
    }
  };

  const pairs: [SlowConsumerReport, SlowConsumerReport][] = [];
  for (let round = 0; round < rounds; round += 1) {
    pairs.push([await peak('rxframe'), await peak('bare ws, unpaused')]);
  }
  const row = (name: string, unit: string, figure: (report: SlowConsumerReport) => number) =>
    compare(
      `slow consumer for ${seconds} s, ${name}`,
      unit,
      pairs.map(([ours, unpaused]) => [figure(ours), figure(unpaused)]),
    );
  return [
    row('peak growth of memory, against a queue without a pause', 'MiB', ({ peakGrowth }) => peakGrowth / 2 ** 20),
    row('frames consumed', 'frames/s', ({ consumedPerSecond }) => consumedPerSecond),
  ];
}
