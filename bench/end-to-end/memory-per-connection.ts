import { startChild } from './child.ts';
import type { Arena } from './arena.ts';
import type { ClientName } from './clients/clients.ts';
import { compare } from './compare.ts';
import { inArena } from './in-arena.ts';
import type { ConnectionsReport, ConnectionsTask } from './connections-main.ts';
import { feedUrl } from './feed.ts';
import type { Memory } from './memory.ts';
import type { Row } from '../row.ts';

/** How much is measured. */
interface MemoryPerConnectionOptions {
  readonly rounds: number;
  readonly connections: readonly number[];
}

/** Below that the system's count is a matter of chance. */
const ENOUGH_FOR_RSS = 100;

/** **What an open connection with its pipeline holds**, in a process that has so many, after some frames. */
export const memoryPerConnection = inArena(measure, {
  full: { rounds: 5, connections: [100, 1_000] },
  quick: { rounds: 1, connections: [100] },
});

async function measure(arena: Arena, { rounds, connections }: MemoryPerConnectionOptions): Promise<Row[]> {
  const feed = { frames: 20, held: true };
  const hold = async (client: ClientName): Promise<ConnectionsReport> => {
    const task: ConnectionsTask = {
      client,
      url: feedUrl(arena.serverUrl, feed),
      accepted: arena.expected(feed)['accepted'] ?? 0,
      auditFile: '/dev/null',
      counts: connections,
    };
    const child = await startChild<ConnectionsReport>('connections-main.ts', task, 60_000);
    try {
      return await child.next();
    } finally {
      await child.stop();
    }
  };

  const pairs: [ConnectionsReport, ConnectionsReport][] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push([await hold('rxframe'), await hold('bare ws')]);

  return connections.flatMap((count, index) => {
    const row = (what: string, figure: keyof Memory) =>
      compare(
        `${what} held per connection, of ${count}`,
        'KiB',
        pairs.map(([ours, bare]) => [(ours[index] as Memory)[figure] / 1_024, (bare[index] as Memory)[figure] / 1_024]),
      );
    return count < ENOUGH_FOR_RSS
      ? [row('heap and buffers', 'heap')]
      : [row('heap and buffers', 'heap'), row('RSS', 'rss')];
  });
}
