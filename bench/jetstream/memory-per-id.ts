import { createHash } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, nanos, type NatsConnection } from '@nats-io/transport-node';
import { NatsServer } from '../../test/jetstream/nats-server.ts';
import { rssOf } from './server-process.ts';

/** So many are sent before one waits until the server has them. */
const BATCH = 5_000;
const HOUR = 3_600_000;
const STREAM = 'IDS';

/** **What the server's memory has for each id that it remembers**, in bytes: so much more it has than with messages without an id. */
export async function memoryPerId(ids: number): Promise<number> {
  return ((await rssAfter(ids, true)) - (await rssAfter(ids, false))) / ids;
}

async function rssAfter(messages: number, withIds: boolean): Promise<number> {
  const server = await NatsServer.start();
  const connection = await connect({ servers: server.url });
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: STREAM, subjects: [STREAM], duplicate_window: nanos(HOUR) });
    for (let sent = 0; sent < messages; sent += BATCH) {
      for (let one = sent; one < sent + BATCH; one += 1) publish(connection, withIds ? one : undefined);
      await connection.flush();
      // Sent is not stored: the server works through what it has taken.
      while ((await manager.streams.info(STREAM)).state.messages < sent + BATCH);
    }
    return rssOf(server.pid);
  } finally {
    await connection.close();
    await server.stop();
  }
}

/** An id as `toJetStream` makes it: 44 characters of a digest. A message without one has as many in another header. */
function publish(connection: NatsConnection, id: number | undefined): void {
  const made = headers();
  const digest = createHash('sha256').update(String(id)).digest('base64');
  made.append(id === undefined ? 'Other' : 'Nats-Msg-Id', digest);
  connection.publish(STREAM, 'x', { headers: made });
}
