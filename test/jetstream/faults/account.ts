import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** What is wrong with a sequence of events: each list empty where all is well. */
export interface Account {
  /** Sent, and not there. */
  readonly lost: readonly string[];
  /** There more than once. */
  readonly twice: readonly string[];
  /** Behind a later one of its conversation. */
  readonly outOfOrder: readonly string[];
}

export const FLAWLESS: Account = { lost: [], twice: [], outOfOrder: [] };

/** An event: the `n`th of the conversation `id`. */
export interface EventName {
  readonly id: string;
  readonly n: number;
}

/** All events in the streams of that name, each partition's in its order. */
export async function storedEvents(connection: NatsConnection, name: string): Promise<EventName[]> {
  const manager = await jetstreamManager(connection);
  const events: EventName[] = [];
  for await (const { config, state } of manager.streams.list()) {
    if (!new RegExp(`^${name}-\\d+$`).test(config.name) || state.messages === 0) continue;
    const consumer = await jetstream(connection).consumers.get(config.name, { deliver_policy: DeliverPolicy.All });
    for await (const message of await consumer.consume()) {
      events.push(message.json<EventName>());
      if (message.info.pending === 0) break;
    }
  }
  return events;
}

/** @param made - by conversation: how many of its events there have been */
export function accountOf(events: readonly EventName[], made: ReadonlyMap<string, number>): Account {
  const last = new Map<string, number>();
  const seen = new Set<string>();
  const twice: string[] = [];
  const outOfOrder: string[] = [];
  for (const { id, n } of events) {
    const name = nameOf(id, n);
    if (seen.has(name)) twice.push(name);
    else if (n < (last.get(id) ?? -1)) outOfOrder.push(name);
    seen.add(name);
    last.set(id, Math.max(n, last.get(id) ?? -1));
  }
  const lost: string[] = [];
  for (const [id, count] of made) {
    for (let n = 0; n < count; n += 1) if (!seen.has(nameOf(id, n))) lost.push(nameOf(id, n));
  }
  return { lost, twice, outOfOrder };
}

function nameOf(id: string, n: number): string {
  return `${id}:${n}`;
}
