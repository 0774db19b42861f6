import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ensureStream } from 'rxframe/jetstream';

/** The name of the streams that everything is published to. */
export const STREAM = 'BENCH';
export const PARTITIONS = 8;

/** The stream of a partition. */
export function streamOf(partition: number): string {
  return `${STREAM}-${partition}`;
}

/** **Makes the streams anew**, empty, and with no ids of messages known. */
export async function emptyStreams(connection: NatsConnection, replicas: 1 | 3 = 1): Promise<void> {
  const manager = await jetstreamManager(connection);
  for await (const { config } of manager.streams.list()) {
    if (config.name.startsWith(STREAM)) await manager.streams.delete(config.name);
  }
  await ensureStream(connection, { name: STREAM, partitions: PARTITIONS, replicas });
}

/** What the streams keep of a message, payload included, in bytes: the mean. */
export async function storedBytes(connection: NatsConnection): Promise<number> {
  const manager = await jetstreamManager(connection);
  let messages = 0;
  let bytes = 0;
  for await (const { config, state } of manager.streams.list()) {
    if (!config.name.startsWith(STREAM)) continue;
    messages += state.messages;
    bytes += state.bytes;
  }
  return bytes / messages;
}
