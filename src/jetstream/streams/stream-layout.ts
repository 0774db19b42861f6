import { jetstreamManager, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isNotFound } from './is-not-found.ts';
import { StreamMissingError } from './stream-missing-error.ts';

/** How the streams of one name lie in the engine: one for each partition, and one for dead letters. */
export interface StreamLayout {
  readonly name: string;
  /** The first token of all subjects. */
  readonly prefix: string;
  readonly partitions: number;
  /** On how many servers each message is kept. */
  readonly replicas: number;
}

/** The stream of a partition. */
export function streamOf(name: string, partition: number): string {
  return `${name}-${partition}`;
}

/** The stream of the dead letters. */
export function deadLetterStream(name: string): string {
  return `${name}-dead`;
}

/** The subjects of a partition: organisation, payload type, key, partition. */
export function partitionSubject(prefix: string, partition: number | '*'): string {
  return `${prefix}.*.*.*.${partition}`;
}

/** The first token of the subjects of dead letters. */
export function deadLetterPrefix(prefix: string): string {
  return `${prefix}-dead`;
}

/** The engine's means to look at streams. It is not asked whether JetStream is on: what is asked next tells. */
export function managerOf(connection: NatsConnection): Promise<JetStreamManager> {
  return jetstreamManager(connection, { checkAPI: false });
}

/** A stream as it is now; undefined where there is none. */
export async function streamInfo(manager: JetStreamManager, stream: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(stream);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * **Reads from the engine how the streams of a name lie.**
 *
 * @throws StreamMissingError where there are none
 */
export async function readLayout(manager: JetStreamManager, name: string): Promise<StreamLayout> {
  const layout = await findLayout(manager, name);
  if (layout === undefined) throw new StreamMissingError(name);
  return layout;
}

/** As {@link readLayout}; undefined where there are none. */
export async function findLayout(manager: JetStreamManager, name: string): Promise<StreamLayout | undefined> {
  const first = await streamInfo(manager, streamOf(name, 0));
  if (first === undefined) return undefined;
  const [subject = ''] = first.config.subjects;
  const [prefix = ''] = subject.split('.');
  const partitions = await countPartitions(manager, name, prefix);
  return { name, prefix, partitions, replicas: first.config.num_replicas };
}

/**
 * How many partitions there are, by the last of them. One between them that somebody has removed counts: by fewer partitions,
 * keys would move, and what is in the others would not be read. `ensureStream` makes it again.
 */
export async function countPartitions(manager: JetStreamManager, name: string, prefix: string): Promise<number> {
  let count = 0;
  for await (const found of manager.streams.names(partitionSubject(prefix, '*'))) {
    const digits = found.startsWith(`${name}-`) ? found.slice(name.length + 1) : '';
    if (/^\d{1,3}$/.test(digits)) count = Math.max(count, Number(digits) + 1);
  }
  return count;
}
