import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { Subject, takeUntil } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decode } from '../../../operators/decode.ts';
import { Flow } from '../../../operators/flow.ts';
import { RawFrame } from '../../../operators/frame.ts';
import { ackWith } from '../../../src/jetstream/consume/ack-with.ts';
import { ensureStream } from '../../../src/jetstream/streams/ensure-stream.ts';
import { fromJetStream } from '../../../src/jetstream/consume/from-jet-stream.ts';
import { groupLag } from '../../../src/jetstream/consume/group.ts';
import { PublishTotals } from '../../../src/jetstream/publish/publish-totals.ts';
import { toJetStream } from '../../../src/jetstream/publish/to-jet-stream.ts';
import { NatsServer } from '../nats-server.ts';
import { connectForGood } from './connect-for-good.ts';
import { eventTypes } from './event-types.ts';

/** How states are waited for. Shorter than all times to live. */
const WAIT = { timeout: 5_000, interval: 20 };
const EVENTS = 500;

let server: NatsServer;
let connection: NatsConnection;

beforeEach(async () => {
  server = await NatsServer.start();
  connection = await connectForGood(server.url);
  await ensureStream(connection, { name: 'EVENTS', partitions: 4 });
  await new Kvm(connection).create('rxframe', { ttl: 60_000 });
});
afterEach(async () => {
  await connection.close();
  await server.stop();
});

/** What the client has open: it says nothing of that to the outside. */
interface Inside {
  readonly protocol: {
    readonly subscriptions: { size(): number };
    readonly listeners: readonly unknown[];
    readonly closeListeners?: readonly unknown[];
  };
}

function resources() {
  const { protocol } = connection as unknown as Inside;
  return {
    subscriptions: protocol.subscriptions.size(),
    listeners: protocol.listeners.length,
    timers: process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length,
  };
}

/** What others have, the test runner most of all, comes and goes. */
async function expectNoMoreThan(before: ReturnType<typeof resources>): Promise<void> {
  await expect.poll(() => resources().subscriptions, WAIT).toBe(before.subscriptions);
  await expect.poll(() => resources().listeners, WAIT).toBe(before.listeners);
  await expect.poll(() => resources().timers, WAIT).toBeLessThanOrEqual(before.timers);
}

function event(n: number): RawFrame {
  const rawData = Buffer.from(JSON.stringify({ type: 'event', id: `conversation-${n % 20}`, n }));
  return new RawFrame({ rawData, isBinary: false, connectionId: 'a', sequence: n, timestamp: 1, receivedAt: 1 });
}

/** Publishes some, and waits for them all. */
async function publish(): Promise<void> {
  const source$ = new Subject<RawFrame>();
  const totals = new PublishTotals();
  const options = { connection, stream: 'EVENTS', totals };
  const subscription = source$.pipe(decode(eventTypes), toJetStream(options)).subscribe();
  for (let n = 0; n < EVENTS; n += 1) source$.next(event(n));
  await expect.poll(() => totals.published, WAIT).toBe(EVENTS);
  subscription.unsubscribe();
}

it('toJetStream leaves nothing behind where it is unsubscribed from, with the engine there, slow or away', async () => {
  await publish();
  const before = resources();
  const flow = new Flow();
  flow.attach({ pause: () => undefined, resume: () => undefined });
  for (const fault of ['none', 'slow', 'away'] as const) {
    if (fault === 'slow') server.freeze();
    if (fault === 'away') {
      server.thaw();
      await server.kill();
    }
    const source$ = new Subject<RawFrame>();
    const totals = new PublishTotals();
    const options = { connection, stream: 'EVENTS', totals, flow, highWaterMark: 100, holdBack: 60_000 };
    const subscription = source$.pipe(decode(eventTypes), toJetStream(options)).subscribe();
    for (let n = 0; n < EVENTS; n += 1) source$.next(event(n));
    expect(flow.held).toBe(true);
    subscription.unsubscribe();
    expect(flow.held).toBe(false);
    expect(source$.observed).toBe(false);
    expect(totals).toMatchObject({ inside: 0, inFlight: 0 });
  }
  await server.restart();
  await expectNoMoreThan(before);
});

it.each(['unsubscribed from', 'completed'] as const)(
  'fromJetStream leaves nothing behind where it is %s: no lease, and nothing in hand',
  async (ending) => {
    await publish();
    const before = resources();
    const stop$ = new Subject<void>();
    let done = 0;
    let isComplete = false;
    const group = { connection, stream: 'EVENTS', group: 'workers' };
    const frames$ = fromJetStream(group).pipe(takeUntil(stop$));
    const subscription = frames$
      .pipe(
        decode(eventTypes),
        ackWith(async () => {
          if (done < EVENTS / 2) done += 1;
          else await new Promise<void>((resolve) => setTimeout(resolve, 50));
        }),
      )
      .subscribe({ complete: () => (isComplete = true) });
    await expect.poll(() => done, WAIT).toBe(EVENTS / 2);
    if (ending === 'completed') stop$.next();
    else subscription.unsubscribe();
    await expectNoMoreThan(before);
    expect(isComplete).toBe(ending === 'completed');
    // Long before the leases and the engine's patience are over, others can have all of it.
    const keys = await new Kvm(connection).open('rxframe').then((kv) => kv.keys());
    const left: string[] = [];
    for await (const key of keys) left.push(key);
    expect(left).toEqual([]);
    const next = fromJetStream(group)
      .pipe(
        decode(eventTypes),
        ackWith(() => []),
      )
      .subscribe();
    await expect.poll(() => groupLag(connection, group), WAIT).toEqual({ waiting: 0, inHand: 0 });
    next.unsubscribe();
  },
);
