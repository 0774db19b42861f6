import { NatsServer } from '../../test/jetstream/nats-server.ts';
import type { Benchmark } from '../benchmark.ts';
import { compare } from '../end-to-end/compare.ts';
import { freshProcess } from '../in-process/fresh-process.ts';
import type { Row } from '../row.ts';
import { startCluster } from './cluster.ts';
import { memoryPerId } from './memory-per-id.ts';
import type { ReplicasReport } from './replicas-main.ts';
import type { RatesReport, RatesTask } from './rates-main.ts';
import type { Run } from './stopwatch.ts';

/** How large the payloads are, and what `interactionOfSize` is asked for: it gives more. */
const SIZES = { '0.8 KB': 600, '1.5 KB': 1_300 };
const FULL = { frames: 30_000, rounds: 7, ids: 1_000_000 };
const QUICK = { frames: 20_000, rounds: 1, ids: 100_000 };

/** **Frames a second to a NATS server and back**: ours against the plain client, on the same streams; and what the engine takes. */
export const jetStream: Benchmark = async ({ quick }) => {
  const { ids, ...load } = quick ? QUICK : FULL;
  const rows: Row[] = [];
  for (const [size, bytes] of Object.entries(SIZES)) rows.push(...(await rates(size, { ...load, bytes })));
  rows.push(...(await replicas('1.5 KB', { ...load, bytes: SIZES['1.5 KB'] })));
  rows.push({ name: "the server's memory for an id", ours: await memoryPerId(ids), unit: 'B' });
  return rows;
};

/** How much is published, and how often. */
type Load = Omit<RatesTask, 'url' | 'serverPids'>;

async function rates(size: string, load: Load): Promise<Row[]> {
  const server = await NatsServer.start();
  try {
    const task: RatesTask = { ...load, url: server.url, serverPids: [server.pid] };
    return ratesRows(size, (await freshProcess('../jetstream/rates-main.ts', task)) as RatesReport);
  } finally {
    await server.stop();
  }
}

async function replicas(size: string, load: Load): Promise<Row[]> {
  const servers = await startCluster();
  try {
    const url = servers.map((server) => server.url).join();
    const task: RatesTask = { ...load, url, serverPids: servers.map(({ pid }) => pid) };
    const report = (await freshProcess('../jetstream/replicas-main.ts', task)) as ReplicasReport;
    return against(
      `publish, ${size}, 3 copies in a cluster of 3 against 1 copy`,
      report.map(({ three, one }) => [three, one]),
    );
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** The rows that compare runs with their peers. */
function against(name: string, pairs: readonly (readonly [ours: Run, peer: Run])[]): Row[] {
  const row = (what: string, unit: string, figure: (run: Run) => number) =>
    compare(
      `${name}${what}`,
      unit,
      pairs.map(([ours, peer]) => [figure(ours), figure(peer)]),
    );
  return [
    row('', 'frames/s', ({ framesPerSecond }) => framesPerSecond),
    row(', processor time', 'µs/frame', ({ clientCpu }) => clientCpu),
    row(", the servers' processor time", 'µs/frame', ({ serverCpu }) => serverCpu),
  ];
}

function ratesRows(size: string, { publishing, consuming, stored }: RatesReport): Row[] {
  return [
    ...against(
      `publish, ${size}, against the plain client`,
      publishing.map((runs) => [runs.ours, runs.plain]),
    ),
    ...against(
      `publish, ${size}, against it with the same headers`,
      publishing.map((runs) => [runs.ours, runs['plain, with the same headers']]),
    ),
    ...against(
      `consume, ${size}, against the plain client`,
      consuming.map((runs) => [runs.ours, runs.plain]),
    ),
    ...against(
      `consume, ${size}, against it with the same headers`,
      consuming.map((runs) => [runs.ours, runs['plain, with the headers']]),
    ),
    ...against(
      `consume, decode and validate, ${size}, against it with the same headers`,
      consuming.map((runs) => [
        runs['ours, decoded and validated'],
        runs['plain, with the headers, decoded and validated'],
      ]),
    ),
    { name: `stored besides the payload, ${size}`, ours: stored, unit: 'B/frame' },
  ];
}
