import { setTimeout } from 'node:timers/promises';
import { clients, type ClientName } from './clients/clients.ts';
import { memory, type Memory } from './memory.ts';
import { settings } from './settings.ts';

/** What the process is to do. */
export interface ConnectionsTask {
  readonly client: ClientName;
  /** The address of a feed that holds its connections. */
  readonly url: string;
  /** How many frames of it are accepted. */
  readonly accepted: number;
  readonly auditFile: string;
  /** So many connections, growing. */
  readonly counts: readonly number[];
}

/** What a connection holds, in the mean, for each of the counts. */
export type ConnectionsReport = readonly Memory[];

/** Opened at once: more would only wait. */
const AT_ONCE = 50;

const { client, url, accepted, auditFile, counts } = settings() as ConnectionsTask;
let missing = 0;
let arrived = () => {};
const { run } = clients[client](auditFile, () => {
  missing -= 1;
  if (missing === 0) arrived();
});

async function open(connections: number): Promise<void> {
  for (let opened = 0; opened < connections; opened += AT_ONCE) {
    const now = Math.min(AT_ONCE, connections - opened);
    await new Promise<void>((resolve, reject) => {
      missing = now * accepted;
      arrived = resolve;
      for (let one = 0; one < now; one += 1) run(url).catch(reject);
    });
  }
}

/** After collections, between which what was to be written is. */
async function settled(): Promise<Memory> {
  for (let round = 0; round < 3; round += 1) {
    gc?.();
    await setTimeout(100);
  }
  return memory();
}

// The first ones have the code compiled.
await open(5);
const before = await settled();
let connections = 0;
const report: Memory[] = [];
for (const count of counts) {
  await open(count - connections);
  connections = count;
  const { heap, rss } = await settled();
  report.push({ heap: (heap - before.heap) / count, rss: (rss - before.rss) / count });
}
process.send?.(report satisfies ConnectionsReport, () => process.exit());
