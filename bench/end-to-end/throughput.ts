import type { Arena, Run } from './arena.ts';
import { clients, type ClientName } from './clients/clients.ts';
import { compare } from './compare.ts';
import { inArena } from './in-arena.ts';
import type { Row } from '../row.ts';

/** How much is measured. */
interface ThroughputOptions {
  readonly rounds: number;
  readonly frames: number;
  readonly warmUp: number;
}

/** **Frames a second, processor time and memory, from a server that sends flat out**: ours against each peer. */
export const throughput = inArena(measure, {
  full: { rounds: 9, frames: 300_000, warmUp: 50_000 },
  quick: { rounds: 1, frames: 60_000, warmUp: 20_000 },
});

async function measure(arena: Arena, { rounds, frames, warmUp }: ThroughputOptions): Promise<Row[]> {
  const names = Object.keys(clients) as ClientName[];
  const runs = new Map<ClientName, Run[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // There and back, so that what gets slower or faster with time does so for all.
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      runs.get(name)?.push(await arena.run(name, { frames }, { warmUp }));
    }
  }
  const ours = runs.get('rxframe') as Run[];
  const rows = (name: string, unit: string, figure: (run: Run) => number) =>
    names.slice(1).map((peer) =>
      compare(
        `${name}, against ${peer}`,
        unit,
        (runs.get(peer) as Run[]).map((run, round) => [figure(ours[round] as Run), figure(run)]),
      ),
    );
  return [
    ...rows('end to end', 'frames/s', ({ framesPerSecond }) => framesPerSecond),
    ...rows('end to end, processor time', 's per 100,000 frames', ({ cpuPer100k }) => cpuPer100k),
    ...rows('end to end, peak memory', 'MiB', ({ peakRss }) => peakRss / 2 ** 20),
  ];
}
