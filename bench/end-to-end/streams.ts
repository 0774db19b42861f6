import type { Arena } from './arena.ts';
import { compare } from './compare.ts';
import { inArena } from './in-arena.ts';
import type { Row } from '../row.ts';

/** How much is measured. */
interface StreamsOptions {
  readonly rounds: number;
  /** How many frames come on all streams together. */
  readonly frames: number;
  readonly streams: readonly number[];
}

/** **Frames a second of many concurrent streams in one process**, each a connection and a pipeline of its own. */
export const streams = inArena(measure, {
  full: { rounds: 5, frames: 200_000, streams: [1, 10, 100, 1_000] },
  quick: { rounds: 1, frames: 40_000, streams: [100] },
});

async function measure(arena: Arena, { rounds, frames, streams }: StreamsOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const connections of streams) {
    const feed = { frames: Math.ceil(frames / connections) };
    const options = { connections, warmUp: frames / 4 };
    const pairs: [number, number][] = [];
    for (let round = 0; round < rounds; round += 1) {
      const ours = await arena.run('rxframe', feed, options);
      const bare = await arena.run('bare ws', feed, options);
      pairs.push([ours.framesPerSecond, bare.framesPerSecond]);
    }
    rows.push(compare(`${connections} concurrent streams, all together`, 'frames/s', pairs));
  }
  return rows;
}
