import { connect } from '@nats-io/transport-node';
import { settings } from '../in-process/settings.ts';
import { consumers, type ConsumerName } from './consumers.ts';
import { parsedFrames } from './parsed-frames.ts';
import { publishers, type PublisherName } from './publishers.ts';
import { Stopwatch, type Run } from './stopwatch.ts';
import { emptyStreams, storedBytes } from './streams.ts';

/** What a process is to measure. */
export interface RatesTask {
  readonly url: string;
  readonly serverPids: readonly number[];
  /** How many frames are published, and how large each is. */
  readonly frames: number;
  readonly bytes: number;
  readonly rounds: number;
}

/** What it found: a run of each in each round. */
export interface RatesReport {
  readonly publishing: Readonly<Record<PublisherName, Run>>[];
  readonly consuming: Readonly<Record<ConsumerName, Run>>[];
  /** What the engine keeps of a frame besides its payload, in bytes. */
  readonly stored: number;
}

const task = settings() as RatesTask;
// As the documentation recommends: the trace of a request that failed is not worth a third of its time.
const connection = await connect({ servers: task.url, noAsyncTraces: true });
const frames = await parsedFrames(task.frames, task.bytes);

async function publish(name: PublisherName): Promise<Run> {
  await emptyStreams(connection);
  const stopwatch = new Stopwatch(frames.length, task.serverPids);
  stopwatch.start();
  await publishers[name](connection, frames);
  stopwatch.stop();
  return stopwatch.run;
}

async function consume(name: ConsumerName): Promise<Run> {
  const stopwatch = new Stopwatch(frames.length, task.serverPids);
  await consumers[name](connection, frames.length, stopwatch);
  return stopwatch.run;
}

/** Runs each once, from the first to the last, or the other way round, so that what gets slower with time does so for all. */
async function inTurn<Name extends string>(
  names: readonly Name[],
  round: number,
  run: (name: Name) => Promise<Run>,
): Promise<Record<Name, Run>> {
  const runs: Partial<Record<Name, Run>> = {};
  for (const name of round % 2 === 0 ? names : names.toReversed()) runs[name] = await run(name);
  return runs as Record<Name, Run>;
}

const report: Omit<RatesReport, 'stored'> = { publishing: [], consuming: [] };
for (let round = 0; round <= task.rounds; round += 1) {
  const publishing = await inTurn(Object.keys(publishers) as PublisherName[], round, publish);
  await publish('ours');
  const consuming = await inTurn(Object.keys(consumers) as ConsumerName[], round, consume);
  // The first round warms up.
  if (round === 0) continue;
  report.publishing.push(publishing);
  report.consuming.push(consuming);
}
const payloadBytes = frames.reduce((sum, { byteLength }) => sum + byteLength, 0) / frames.length;
const stored = (await storedBytes(connection)) - payloadBytes;
await connection.close();
process.send?.({ ...report, stored } satisfies RatesReport, () => process.disconnect());
