import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { settings } from '../in-process/settings.ts';
import { parsedFrames } from './parsed-frames.ts';
import { publishers } from './publishers.ts';
import type { RatesTask } from './rates-main.ts';
import { Stopwatch, type Run } from './stopwatch.ts';
import { emptyStreams } from './streams.ts';

/** How long the servers may take to find each other and agree on a leader, in milliseconds. */
const ELECTION = 30_000;

/** What it found: for each round, with three copies of each message, and with one. */
export type ReplicasReport = readonly { readonly three: Run; readonly one: Run }[];

const task = settings() as RatesTask;
const connection = await connect({ servers: task.url.split(','), noAsyncTraces: true });
const frames = await parsedFrames(task.frames, task.bytes);

/** Makes the streams once the cluster can: it refuses before there is a leader. */
async function whenElected(replicas: 1 | 3): Promise<void> {
  for (const until = Date.now() + ELECTION; ;) {
    try {
      await emptyStreams(connection, replicas);
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await delay(200);
    }
  }
}

async function publish(replicas: 1 | 3): Promise<Run> {
  await whenElected(replicas);
  const stopwatch = new Stopwatch(frames.length, task.serverPids);
  stopwatch.start();
  await publishers.ours(connection, frames);
  stopwatch.stop();
  return stopwatch.run;
}

await publish(3);
const report: { three: Run; one: Run }[] = [];
for (let round = 0; round < task.rounds; round += 1) report.push({ three: await publish(3), one: await publish(1) });
await connection.close();
process.send?.(report, () => process.disconnect());
