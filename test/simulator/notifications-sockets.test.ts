import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { EventDelivery, PublishedEvent } from '../../src/simulator/index.ts';
import { clientOf, id, presence } from './notification-client.ts';
import { refusal, start } from './plain-client.ts';

interface Listener {
  readonly webSocket: WebSocket;
  readonly messages: readonly Message[];
  readonly closed: Promise<number>;
  /** Waits for so many messages. */
  readonly until: (count: number) => Promise<void>;
}

interface Message {
  readonly topicName?: string;
  readonly eventBody?: { readonly n?: number; readonly message?: string };
  readonly result?: string;
}

async function listen(connectUri: string): Promise<Listener> {
  const webSocket = new WebSocket(connectUri);
  const messages: Message[] = [];
  webSocket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message));
  webSocket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => webSocket.once('close', (code) => resolve(code)));
  await once(webSocket, 'open');
  return {
    webSocket,
    messages,
    closed,
    until: async (count) => {
      while (messages.length < count) await once(webSocket, 'message');
    },
  };
}

describe('a socket on a channel', () => {
  it('gets the events of its topics, and pongs', async () => {
    const events: PublishedEvent[] = [];
    const deliveries: EventDelivery[] = [];
    const simulator = await start({
      notifications: { onEvent: (event) => events.push(event), onDelivery: (delivery) => deliveries.push(delivery) },
    });
    const client = await clientOf(simulator);
    const channel = await client.channel();
    await client.topics('PUT', channel.id, [presence(1)]);
    const { webSocket, messages, until } = await listen(channel.connectUri);
    simulator.notifications.publish(presence(1), { n: 1 });
    simulator.notifications.publish(presence(2), { n: 2 });
    webSocket.send('{"message":"ping"}');
    await until(2);
    expect(messages[0]).toMatchObject({ topicName: presence(1), version: '2', eventBody: { n: 1 } });
    expect(messages[1]).toMatchObject({ eventBody: { message: 'pong' } });
    expect(events.map(({ channels }) => channels)).toEqual([1, 0]);
    expect(deliveries).toMatchObject([{ number: 0, channelId: channel.id, connection: 0, outcome: 'delivered' }]);
    expect(simulator.notifications.channels()).toMatchObject([
      { id: channel.id, subscriptions: [presence(1)], isConnected: true },
    ]);
    webSocket.close(1000);
    await once(webSocket, 'close');
    simulator.notifications.publish(presence(1), { n: 3 });
    expect(deliveries.at(-1)).toMatchObject({ number: 2, connection: undefined, outcome: 'no-socket' });
  });

  it('hears of the end of its channel, and others do not', async () => {
    const simulator = await start();
    const client = await clientOf(simulator);
    const [one, other] = [await client.channel(), await client.channel()];
    const listeners = [await listen(one.connectUri), await listen(other.connectUri)] as const;
    simulator.notifications.expire(one.id);
    expect(await listeners[0].closed).toBe(1008);
    expect(listeners[0].messages).toMatchObject([{ result: '404' }]);
    expect((await client.call('HEAD', `channels/${one.id}`)).status).toBe(404);
    expect(listeners[1].webSocket.readyState).toBe(WebSocket.OPEN);
    expect(() => simulator.notifications.cut(one.id)).toThrow(new RangeError(`cut: there is no channel ${one.id}`));
  });

  it('is announced to be closed, and closed', async () => {
    const simulator = await start({ notifications: { closingNotice: 30 } });
    const channel = await (await clientOf(simulator)).channel();
    const { closed, messages } = await listen(channel.connectUri);
    simulator.notifications.closeSoon();
    expect(await closed).toBe(1001);
    expect(messages.map(({ topicName }) => topicName)).toEqual(['v2.system.socket_closing']);
  });

  it('is closed by the next one, cut off, and refused on other paths', async () => {
    const simulator = await start();
    const channel = await (await clientOf(simulator)).channel();
    const first = await listen(channel.connectUri);
    const second = await listen(channel.connectUri);
    expect(await first.closed).toBe(1008);
    simulator.notifications.cut();
    expect(await second.closed).toBe(1006);
    expect((await refusal(`${channel.connectUri}/more`)).statusCode).toBe(404);
    const unknown = await listen(channel.connectUri.replace(channel.id, id(1)));
    expect(await unknown.closed).toBe(1008);
    expect(unknown.messages).toMatchObject([{ result: '404' }]);
    expect(simulator.totals).toMatchObject({ refused: 1, connections: 0 });
    expect(simulator.notifications.totals.connections).toBe(2);
  });

  it('may be half-open: no event, no pong, no answer to a close; and it is free once the client is gone', async () => {
    const simulator = await start();
    const client = await clientOf(simulator);
    const [channel, clock] = [await client.channel(), await client.channel()];
    await client.topics('PUT', channel.id, [presence(1)]);
    const deaf = await listen(channel.connectUri);
    const alive = await listen(clock.connectUri);
    simulator.notifications.mute(channel.id);
    let pongs = 0;
    deaf.webSocket.on('pong', () => (pongs += 1));
    deaf.webSocket.ping();
    deaf.webSocket.send('{"message":"ping"}');
    deaf.webSocket.close(1000);
    simulator.notifications.publish(presence(1), { n: 1 });
    // What is asked afterwards on another socket is answered: by then the first had its chance.
    for (let nth = 1; nth <= 3; nth += 1) {
      alive.webSocket.send('{"message":"ping"}');
      await alive.until(nth);
    }
    expect([pongs, deaf.messages]).toEqual([0, []]);
    expect(deaf.webSocket.readyState).toBe(WebSocket.CLOSING);
    expect(simulator.notifications.totals.lost).toBe(1);
    expect(simulator.openSockets).toBe(2);
    deaf.webSocket.terminate();
    expect(await deaf.closed).toBe(1006);
    alive.webSocket.send('{"message":"ping"}');
    await alive.until(4);
    while (simulator.openSockets > 1) await new Promise((resolve) => setImmediate(resolve));
  });

  it('that does not read is let go', async () => {
    const simulator = await start();
    const client = await clientOf(simulator);
    const channel = await client.channel();
    await client.topics('PUT', channel.id, [presence(1)]);
    const { webSocket, closed } = await listen(channel.connectUri);
    webSocket.pause();
    const body = { text: 'x'.repeat(1_000_000) };
    for (let nth = 0; nth < 60 && simulator.openSockets > 0; nth += 1) {
      simulator.notifications.publish(presence(1), body);
      await new Promise((resolve) => setImmediate(resolve));
    }
    webSocket.resume();
    expect(await closed).toBe(1006);
  });
});

describe('the simulator', () => {
  it('plays a contact centre, not above its rate, and a scenario', async () => {
    const started = performance.now();
    const simulator = await start({
      notifications: {
        activity: { rate: 2000, agents: 4, queues: 1 },
        scenario: [{ at: 0, do: 'publish', topic: presence(1), eventBody: {} }],
      },
    });
    const client = await clientOf(simulator);
    const channel = await client.channel();
    await client.topics('PUT', channel.id, simulator.notifications.topics());
    const { until, messages } = await listen(channel.connectUri);
    await until(400);
    const { events } = simulator.notifications.totals;
    // One for the scenario, one that is due at once, one that may come with its pair.
    expect(events).toBeLessThanOrEqual(2 * (performance.now() - started) + 3);
    expect(new Set(messages.map(({ topicName }) => topicName)).size).toBeGreaterThan(5);
  });

  it('closes with 1001 and leaves no timer', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const simulator = await start({
      notifications: { activity: {}, scenario: [{ at: 60_000, every: 60_000, do: 'cut' }], closingNotice: 60_000 },
    });
    const client = await clientOf(simulator);
    const [one, other] = [await client.channel(), await client.channel()];
    const listeners = [await listen(one.connectUri), await listen(other.connectUri)];
    simulator.notifications.closeSoon();
    expect(timers()).toBeGreaterThan(before + 6);
    await simulator.close();
    expect(await Promise.all(listeners.map(({ closed }) => closed))).toEqual([1001, 1001]);
    expect(timers()).toBeLessThanOrEqual(before + 2);
  });
});
