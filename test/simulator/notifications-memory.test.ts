import ky from 'ky';
import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Socket, SocketRequest } from '../../src/connection/socket.ts';
import {
  driveTime,
  simulatePlatform,
  type EventDelivery,
  type PublishedEvent,
  type SimulatePlatformOptions,
  type SimulatedPlatform,
} from '../../src/simulator/index.ts';
import { PATH, memoryClientOf, presence, type ChannelAnswer } from './notification-client.ts';
import { socketRequest } from './socket-request.ts';

interface Memory {
  readonly scheduler: VirtualTimeScheduler;
  readonly platform: SimulatedPlatform;
  readonly until: (time: number) => Promise<void>;
  /** What a promise gives, when that much time has passed. */
  readonly after: <T>(milliseconds: number, promise: Promise<T>) => Promise<T>;
}

function memory(options: Omit<SimulatePlatformOptions, 'scheduler'> = {}): Memory {
  const scheduler = new VirtualTimeScheduler();
  const platform = simulatePlatform({ scheduler, ...options });
  const until = (time: number): Promise<void> => driveTime(scheduler, time);
  return {
    scheduler,
    platform,
    until,
    after: async (milliseconds, promise) => {
      promise.catch(() => undefined);
      await until(scheduler.now() + milliseconds);
      return promise;
    },
  };
}

/** Makes a channel with these topics; takes 100 ms. */
async function channelWith({ platform, after }: Memory, topics: readonly string[]): Promise<ChannelAnswer> {
  const client = memoryClientOf(platform);
  const channel = await after(50, client.channel());
  await after(50, client.topics('PUT', channel.id, topics));
  return channel;
}

interface Client extends Socket {
  /** What it saw, each with the time. */
  readonly seen: readonly string[];
}

function open({ platform, scheduler }: Memory, url: string, request: Partial<SocketRequest> = {}): Client {
  const seen: string[] = [];
  const see = (what: string): void => void seen.push(`${scheduler.now()} ${what}`);
  const socket = platform.socket.open(socketRequest(url, { pausable: true, ...request }), {
    open: () => see('open'),
    message: (rawData) => {
      const { topicName, eventBody } = JSON.parse(Buffer.from(rawData).toString()) as {
        topicName: string;
        eventBody: { n?: number; message?: string };
      };
      see(`${topicName.split('.').at(-1) ?? ''} ${eventBody.n ?? eventBody.message ?? ''}`);
    },
    pong: () => see('pong'),
    end: (failure) => see(`end ${failure?.message ?? ''}`),
  });
  return { ...socket, seen };
}

describe('fetch in memory', () => {
  it('answers after its latency, to ky as well, and gives tokens', async () => {
    const { scheduler, platform, until } = memory({ restLatency: 80 });
    const log: string[] = [];
    const work = async (): Promise<void> => {
      const { access_token } = await ky
        .post(`${platform.loginUrl}/oauth/token`, {
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: platform.clientId,
            client_secret: platform.clientSecret,
          }),
          fetch: platform.fetch,
          timeout: false,
        })
        .json<{ access_token: string }>();
      log.push(`token ${scheduler.now()}`);
      const api = ky.extend({
        prefixUrl: platform.apiUrl + PATH,
        fetch: platform.fetch,
        timeout: false,
        retry: 0,
        headers: { authorization: `Bearer ${access_token}` },
      });
      const { id } = await api.post('channels').json<ChannelAnswer>();
      log.push(`channel ${scheduler.now()}`);
      const json = [{ id: presence(1) }];
      const { entities } = await api.put(`channels/${id}/subscriptions`, { json }).json<{ entities: unknown[] }>();
      log.push(`${entities.length} topics ${scheduler.now()}`);
      log.push(`${(await api.head(`channels/${id}`)).status} ${scheduler.now()}`);
    };
    const working = work();
    await until(1000);
    await working;
    expect(log).toEqual(['token 80', 'channel 160', '1 topics 240', '200 320']);
  });

  it('can be aborted, before and while it waits; the server has done its work by then, or not', async () => {
    const { platform, scheduler, until } = memory();
    const token = platform.issueToken();
    const post = (signal: AbortSignal): Promise<string> =>
      platform
        .fetch(`${platform.apiUrl}${PATH}/channels`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          signal,
        })
        .then(String, String);
    const early = new AbortController();
    const late = new AbortController();
    const answers = [post(AbortSignal.abort()), post(early.signal), post(late.signal)];
    await until(10);
    early.abort();
    await until(30);
    late.abort(new Error('enough'));
    expect(await Promise.all(answers)).toEqual([
      'AbortError: This operation was aborted',
      'AbortError: This operation was aborted',
      'Error: enough',
    ]);
    expect(platform.channels()).toHaveLength(1);
    platform.stop();
    expect(scheduler.actions).toEqual([]);
  });

  it('is refused once the token has expired, and its channel is gone', async () => {
    const { platform, until, after } = memory({ tokenLifetime: 60 });
    const client = memoryClientOf(platform);
    const { id } = await after(50, client.channel());
    await until(59_900);
    expect((await after(50, client.call('HEAD', `channels/${id}`))).status).toBe(200);
    await until(60_000);
    expect((await after(50, client.call('HEAD', `channels/${id}`))).status).toBe(401);
    expect(platform.channels()).toEqual([]);
  });

  it('reaches nothing elsewhere, and answers 404 on other paths', async () => {
    const { platform, after } = memory();
    await expect(after(50, platform.fetch('https://example.org/'))).rejects.toThrow(new TypeError('fetch failed'));
    expect((await after(50, platform.fetch(`${platform.apiUrl}/elsewhere`))).status).toBe(404);
  });
});

describe('a socket in memory', () => {
  it('opens, gets events in order after its latency, answers pings, and closes', async () => {
    const place = memory({ socketLatency: 10 });
    const { platform, until } = place;
    const { connectUri } = await channelWith(place, [presence(1)]);
    const socket = open(place, connectUri);
    await until(110);
    for (const n of [1, 2, 3]) platform.publish(presence(1), { n });
    await until(125);
    socket.send('{"message":"ping"}');
    socket.ping!();
    await until(150);
    socket.close(1000, '');
    platform.publish(presence(1), { n: 4 });
    await until(1000);
    expect(socket.seen).toEqual([
      '120 open',
      '120 presence 1',
      '120 presence 2',
      '120 presence 3',
      '145 metadata pong',
      '145 pong',
      '160 presence 4',
      '170 end ',
    ]);
    expect(platform.openSockets).toBe(0);
    expect(platform.channels()[0]!.isConnected).toBe(false);
  });

  it('keeps the order, however much the latency varies', async () => {
    const place = memory({ jitter: 500, seed: 9 });
    const { platform, scheduler, until } = place;
    const client = memoryClientOf(platform);
    const channel = await place.after(600, client.channel());
    await place.after(600, client.topics('PUT', channel.id, [presence(1)]));
    const socket = open(place, channel.connectUri);
    await until(5000);
    for (let n = 0; n < 200; n += 1) {
      platform.publish(presence(1), { n });
      await until(scheduler.now() + 3);
    }
    await until(10_000);
    const numbers = socket.seen.flatMap((line) => /presence (\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(numbers).toEqual(Array.from({ length: 200 }, (_, n) => n));
    expect(new Set(socket.seen.map((line) => line.split(' ')[0])).size).toBeGreaterThan(10);
  });

  it('loses what is under way when it is cut, and tells the client 1006', async () => {
    const deliveries: EventDelivery[] = [];
    const place = memory({ onDelivery: (delivery) => deliveries.push(delivery) });
    const { platform, until } = place;
    const { connectUri } = await channelWith(place, [presence(1)]);
    const socket = open(place, connectUri);
    await until(200);
    platform.publish(presence(1), { n: 1 });
    await until(230);
    platform.publish(presence(1), { n: 2 });
    platform.cut();
    platform.publish(presence(1), { n: 3 });
    socket.send('{"message":"ping"}');
    await until(1000);
    expect(socket.seen).toEqual(['140 open', '220 presence 1', '250 end The connection was closed with code 1006.']);
    expect(deliveries.map(({ number, outcome, at }) => [number, outcome, at])).toEqual([
      [0, 'delivered', 220],
      [1, 'lost', 230],
      [2, 'no-socket', 230],
    ]);
    expect(platform.openSockets).toBe(0);
  });

  it('is half-open when muted: nothing comes, and only its own end is seen', async () => {
    const place = memory();
    const { platform, scheduler, until } = place;
    const { connectUri } = await channelWith(place, [presence(1)]);
    const socket = open(place, connectUri);
    await until(200);
    platform.publish(presence(1), { n: 1 });
    platform.mute();
    socket.ping!();
    socket.send('{"message":"ping"}');
    platform.closeSoon();
    await until(200_000);
    socket.close(1000, '');
    await until(300_000);
    expect(socket.seen).toEqual(['140 open']);
    socket.terminate();
    await until(300_001);
    expect(socket.seen.slice(1)).toEqual(['300000 end The connection was closed with code 1006.']);
    expect(platform.totals).toMatchObject({ delivered: 0, lost: 1 });
    platform.stop();
    expect(scheduler.actions).toEqual([]);
  });

  it('is told what was sent before a close, and lets go at once when terminated', async () => {
    const place = memory();
    const { platform, until } = place;
    const { connectUri } = await channelWith(place, [presence(1)]);
    const [first, second] = [open(place, connectUri), open(place, connectUri)];
    await until(200);
    expect(first.seen).toEqual([
      '140 open',
      '140 end The connection was closed with code 1008 (another connection was opened on this channel).',
    ]);
    platform.publish(presence(1), { n: 1 });
    second.terminate();
    await until(201);
    expect(second.seen).toEqual(['140 open', '200 end The connection was closed with code 1006.']);
    // The server learns of it when the message has crossed; what it sends until then is lost.
    expect([platform.openSockets, platform.channels()[0]!.isConnected]).toEqual([1, true]);
    platform.publish(presence(1), { n: 2 });
    await until(220);
    expect([platform.openSockets, platform.channels()[0]!.isConnected]).toEqual([0, false]);
    await until(1000);
    expect(second.seen).toHaveLength(2);
    expect(platform.totals).toMatchObject({ delivered: 0, lost: 2 });
  });

  it('can be paused, and takes no message larger than maxPayload', async () => {
    const place = memory();
    const { platform, until } = place;
    const { connectUri } = await channelWith(place, [presence(1)]);
    const socket = open(place, connectUri, { maxPayload: 300 });
    await until(150);
    socket.pause!();
    platform.publish(presence(1), { n: 1 });
    platform.publish(presence(1), { n: 2 });
    await until(250);
    expect(socket.seen).toEqual(['140 open']);
    socket.resume!();
    platform.publish(presence(1), { n: 3, text: 'x'.repeat(300) });
    await until(1000);
    expect(socket.seen.slice(1)).toEqual([
      '250 presence 1',
      '250 presence 2',
      '270 end The connection was closed with code 1009 (a message was larger than maxPayload).',
    ]);
    expect(platform.channels()[0]!.isConnected).toBe(false);
  });

  it('finds nothing at an address that is none', async () => {
    const place = memory();
    const socket = open(place, 'wss://streaming.simulator.test/elsewhere');
    const other = open(place, 'wss://example.org/channels/1');
    await place.until(100);
    expect(socket.seen).toEqual(['40 end Nothing listens at streaming.simulator.test/elsewhere.']);
    expect(other.seen).toEqual(['40 end Nothing listens at example.org/channels/1.']);
    expect(place.platform.openSockets).toBe(0);
  });
});

describe('the platform in memory', () => {
  /** Six seconds at 1,000 events a second, with cuts, and a client that comes back half a second later. */
  async function sixSeconds(
    seed: number,
  ): Promise<{ events: PublishedEvent[]; deliveries: EventDelivery[]; seen: string[] }> {
    const events: PublishedEvent[] = [];
    const deliveries: EventDelivery[] = [];
    const place = memory({
      seed,
      jitter: 30,
      activity: { rate: 1000 },
      scenario: [{ at: 1500, every: 1500, do: 'cut' }],
      onEvent: (event) => events.push(event),
      onDelivery: (delivery) => deliveries.push(delivery),
    });
    const { platform, scheduler, until } = place;
    const client = memoryClientOf(platform);
    const channel = await place.after(100, client.channel());
    await place.after(100, client.topics('PUT', channel.id, platform.topics()));
    const seen: string[] = [];
    const connect = (): void => {
      platform.socket.open(socketRequest(channel.connectUri), {
        open: () => undefined,
        message: (rawData) => {
          const message = JSON.parse(Buffer.from(rawData).toString()) as { metadata?: { CorrelationId: string } };
          if (message.metadata) seen.push(message.metadata.CorrelationId);
        },
        pong: () => undefined,
        end: () => scheduler.schedule(connect, 500),
      });
    };
    connect();
    await until(6000);
    platform.stop();
    return { events, deliveries, seen };
  }

  it('accounts for every event: what the client saw was delivered, and the rest was lost', async () => {
    const { events, deliveries, seen } = await sixSeconds(1);
    expect(events.length).toBeGreaterThanOrEqual(6000);
    expect(events.length).toBeLessThan(6010);
    expect(events.every(({ number }, nth) => number === nth)).toBe(true);
    const expected = events.reduce((sum, { channels }) => sum + channels, 0);
    expect(deliveries).toHaveLength(expected);
    const delivered = deliveries.filter(({ outcome }) => outcome === 'delivered');
    expect(seen).toEqual(delivered.map(({ number }) => events[number]!.correlationId));
    const outcomes = new Set(deliveries.map(({ outcome }) => outcome));
    expect([...outcomes].sort()).toEqual(['delivered', 'lost', 'no-socket']);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('is the same each time, and another with another seed', async () => {
    const [one, same, other] = [await sixSeconds(2), await sixSeconds(2), await sixSeconds(3)];
    expect(JSON.stringify(same)).toBe(JSON.stringify(one));
    expect(other.seen).not.toEqual(one.seen);
  });

  it('leaves no timer when it is stopped', async () => {
    const place = memory({
      activity: { rate: 100 },
      scenario: [{ at: 500, every: 500, do: 'publish', topic: 'v2.a', eventBody: {} }],
    });
    const { platform, scheduler, until } = place;
    const { connectUri } = await channelWith(place, [presence(1)]);
    open(place, connectUri);
    platform.expire((await channelWith(place, [])).id);
    await until(1000);
    platform.closeSoon();
    open(place, connectUri).terminate();
    const answer = memoryClientOf(platform).channel().catch(String);
    await until(1001);
    expect(scheduler.actions.length).toBeGreaterThan(5);
    open(place, connectUri).terminate();
    platform.stop();
    expect(scheduler.actions).toEqual([]);
    expect(await answer).toBe('TypeError: fetch failed');
  });
});

describe('driveTime', () => {
  it('does what is due in order, and lets promises settle in between', async () => {
    const scheduler = new VirtualTimeScheduler();
    const log: string[] = [];
    const chain = async (name: string): Promise<void> => {
      for (let nth = 0; nth < 20; nth += 1) await Promise.resolve();
      log.push(`${name} ${scheduler.now()}`);
      scheduler.schedule(() => log.push(`after ${name} ${scheduler.now()}`), 5);
    };
    scheduler.schedule(() => void chain('b'), 20);
    scheduler.schedule(() => void chain('a'), 10);
    scheduler.schedule(() => log.push('late'), 101);
    await driveTime(scheduler, 100);
    expect(log).toEqual(['a 10', 'after a 15', 'b 20', 'after b 25']);
    expect(scheduler.now()).toBe(100);
    await driveTime(scheduler, 50);
    expect(scheduler.now()).toBe(100);
    await driveTime(scheduler, 101);
    expect(log.at(-1)).toBe('late');
  });

  it('throws what an action throws', async () => {
    const scheduler = new VirtualTimeScheduler();
    scheduler.schedule(() => {
      throw new Error('broken');
    }, 10);
    await expect(driveTime(scheduler, 20)).rejects.toThrow('broken');
  });
});
