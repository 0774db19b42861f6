import { VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { EventDelivery, PublishedEvent } from '../../src/simulator/index.ts';
import type { ClientLink, LinkEvents } from '../../src/simulator/notifications/client-link.ts';
import { notificationApi } from '../../src/simulator/notifications/notification-api.ts';
import { resolveNotificationOptions } from '../../src/simulator/notifications/notification-options.ts';
import {
  notificationService,
  type NotificationService,
} from '../../src/simulator/notifications/notification-service.ts';
import { topicJudge } from '../../src/simulator/notifications/topic-judge.ts';
import { tokenStore, type TokenStore } from '../../src/simulator/token-store.ts';
import { PATH, id, presence } from './notification-client.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Model {
  /** Asks the API with a token, and gives the status. */
  readonly ask: (token: string, method: string, path: string) => number;
  readonly service: NotificationService;
  readonly tokens: TokenStore;
  readonly events: readonly PublishedEvent[];
  readonly deliveries: readonly EventDelivery[];
  /** Lets time pass until that time. */
  readonly until: (time: number) => void;
}

function model(lifetime = 10 * 86_400): Model {
  const scheduler = new VirtualTimeScheduler();
  const events: PublishedEvent[] = [];
  const deliveries: EventDelivery[] = [];
  let made = 0;
  const newId = (): string => id((made += 1));
  const tokens = tokenStore({ lifetime, now: () => scheduler.now(), newToken: newId });
  const options = resolveNotificationOptions((name) => name, {});
  const service = notificationService({
    ...options,
    clock: scheduler,
    tokens,
    newId,
    connectUri: (channelId) => `wss://example.org/${channelId}`,
    judge: topicJudge([]),
    onEvent: (event) => events.push(event),
    onDelivery: (delivery) => deliveries.push(delivery),
  });
  const api = notificationApi({ ...options, service, tokens, clock: scheduler, newId });
  return {
    ask: (token, method, path) => {
      const headers = { authorization: `Bearer ${token}` };
      return api.answer({ method, path: `${PATH}/${path}`, query: new URLSearchParams(), headers, body: '' }).status;
    },
    service,
    tokens,
    events,
    deliveries,
    until: (time) => {
      scheduler.maxFrames = time;
      scheduler.flush();
      scheduler.frame = time;
    },
  };
}

interface FakeLink extends LinkEvents {
  /** What the client saw, parsed; its end as a string. */
  readonly seen: unknown[];
}

/** Connects a client that gets everything at once. */
function connected(service: NotificationService, channelId: string): FakeLink {
  const seen: unknown[] = [];
  const link: ClientLink = {
    send: (text, event) => {
      seen.push(JSON.parse(text));
      if (event !== undefined) served.settled(event, true);
    },
    close: (code) => seen.push(`closed ${code}`),
    cut: () => seen.push('cut'),
    mute: () => seen.push('muted'),
  };
  const served = service.connect(channelId, link);
  return { ...served, seen };
}

const gone = expect.objectContaining({ result: '404' }) as unknown;
const heartbeat = { topicName: 'channel.metadata', eventBody: { message: 'WebSocket Heartbeat' } };

describe('a socket', () => {
  it('gets a heartbeat every 30 s, until it is gone', () => {
    const { service, tokens, until } = model();
    const { seen, end } = connected(service, service.create(tokens.issue('a')).id);
    until(29_999);
    expect(seen).toEqual([]);
    until(2 * MINUTE + 1);
    expect(seen).toEqual([heartbeat, heartbeat, heartbeat, heartbeat]);
    end();
    until(HOUR);
    expect(seen).toHaveLength(4);
  });

  it('gets an answer to pings, to subscriptions, and to what is neither', () => {
    const { service, tokens } = model();
    const channel = service.create(tokens.issue('a'));
    const { seen, message } = connected(service, channel.id);
    message('{"message":"ping"}');
    message(JSON.stringify({ message: 'subscribe', topics: [presence(1)], correlationId: 'c' }));
    message(JSON.stringify({ message: 'subscribe', topics: [presence(2), 'wrong'], correlationId: 'd' }));
    for (const wrong of ['{', 'null', '[]', '{"message":"sing"}', '{"message":"subscribe"}']) message(wrong);
    const refused = expect.objectContaining({ result: '400', status: 'failure' }) as unknown;
    expect(seen).toEqual([
      { topicName: 'channel.metadata', eventBody: { message: 'pong' } },
      { result: '200', status: 'subscribed', topics: [presence(1)], correlationId: 'c' },
      { result: '400', status: 'failure', message: 'There is no topic wrong.', correlationId: 'd' },
      refused,
      refused,
      refused,
      refused,
      refused,
    ]);
    expect([...channel.topics.keys()]).toEqual([presence(1)]);
  });

  it('is announced to be closed, and closed after 60 s; its channel stays', () => {
    const { service, tokens, until } = model();
    const channel = service.create(tokens.issue('a'));
    const { seen } = connected(service, channel.id);
    service.closeSoon(channel);
    service.closeSoon(channel);
    expect(seen).toEqual([expect.objectContaining({ topicName: 'v2.system.socket_closing' })]);
    until(59_999);
    expect(channel.isConnected).toBe(true);
    until(MINUTE);
    expect(seen.at(-1)).toBe('closed 1001');
    expect(channel.isConnected).toBe(false);
    expect(service.find(channel.id)).toBe(channel);
  });

  it('is closed by a second one on its channel, which gets what comes from then on', () => {
    const { service, tokens, until } = model();
    const channel = service.create(tokens.issue('a'));
    service.change(channel, [presence(1)], 'add', false);
    const first = connected(service, channel.id);
    service.closeSoon(channel);
    const second = connected(service, channel.id);
    first.end();
    service.publish([presence(1)], { n: 1 });
    until(2 * MINUTE);
    expect(first.seen.slice(1)).toEqual(['closed 1008']);
    expect(second.seen[0]).toMatchObject({ topicName: presence(1), eventBody: { n: 1 } });
    expect(second.seen.slice(1)).toEqual([heartbeat, heartbeat, heartbeat, heartbeat]);
  });

  it('of no channel is told so and closed', () => {
    const { service } = model();
    const { seen } = connected(service, id(99));
    expect(seen).toEqual([gone, 'closed 1008']);
  });

  it('may be half-open: nothing comes, not even that the channel ended', () => {
    const { service, tokens, until } = model();
    const channel = service.create(tokens.issue('a'));
    const { seen, message } = connected(service, channel.id);
    service.mute(channel);
    message('{"message":"ping"}');
    service.closeSoon(channel);
    service.cut(channel);
    until(25 * HOUR);
    expect(seen).toEqual(['muted']);
    expect(service.find(channel.id)).toBeUndefined();
  });
});

describe('a channel', () => {
  it('lives 24 hours from the last time that topics were added or replaced, and its socket is told of its end', () => {
    const { service, tokens, until } = model();
    const channel = service.create(tokens.issue('a'));
    expect(channel.expires).toBe(24 * HOUR);
    until(20 * HOUR);
    service.change(channel, [presence(1)], 'replace', false);
    expect(channel.expires).toBe(44 * HOUR);
    until(21 * HOUR);
    service.clear(channel);
    service.change(channel, ['wrong'], 'add', false);
    expect(channel.expires).toBe(44 * HOUR);
    const { seen } = connected(service, channel.id);
    until(44 * HOUR - 1);
    expect(seen.every((message) => message !== 'closed 1008')).toBe(true);
    until(44 * HOUR);
    expect(seen.slice(-2)).toEqual([gone, 'closed 1008']);
    expect(service.channels()).toEqual([]);
    expect(connected(service, channel.id).seen).toEqual([gone, 'closed 1008']);
  });

  it('ends with its token, whatever it was prolonged to', () => {
    const { service, tokens, until } = model(3600);
    const channel = service.create(tokens.issue('a'));
    until(HOUR / 2);
    service.change(channel, [presence(1)], 'replace', false);
    until(HOUR - 1);
    expect(service.find(channel.id)).toBe(channel);
    until(HOUR);
    expect(service.find(channel.id)).toBeUndefined();
  });

  it('ends when its token is revoked, and no other does', () => {
    const { service, tokens } = model();
    service.create(tokens.issue('a'));
    tokens.revokeAll();
    const other = service.create(tokens.issue('a'));
    service.tokensRevoked();
    expect(service.channels()).toEqual([other]);
  });

  it('is for all tokens of its application, and for no other application', () => {
    const { service, tokens, ask } = model();
    const path = `channels/${service.create(tokens.issue('one')).id}`;
    expect(ask(tokens.issue('one'), 'HEAD', path)).toBe(200);
    expect(ask(tokens.issue('other'), 'HEAD', path)).toBe(404);
    expect(ask(tokens.issue('other'), 'DELETE', `${path}/subscriptions`)).toBe(404);
  });

  it('one too many ends the oldest without a socket, then the oldest used, of the same application alone', () => {
    const { service, tokens } = model();
    const [one, other] = [tokens.issue('one'), tokens.issue('other')];
    const foreign = service.create(other);
    const channels = Array.from({ length: 20 }, () => service.create(one));
    for (const [nth, channel] of channels.entries()) if (nth !== 7) connected(service, channel.id);
    service.change(channels[7]!, [presence(1)], 'add', false);
    const left = (): number[] => service.channels().map(({ ordinal }) => ordinal);
    const extra = service.create(one);
    expect(left()).not.toContain(channels[7]!.ordinal);
    const used = connected(service, extra.id);
    used.message('{"message":"ping"}');
    const oldest = connected(service, channels[0]!.id);
    service.create(one);
    expect(left()).not.toContain(channels[1]!.ordinal);
    expect(oldest.seen).toEqual([]);
    expect(left()).toContain(foreign.ordinal);
    expect(left()).toHaveLength(21);
    expect(service.totals.replaced).toBe(2);
  });
});

describe('an event', () => {
  it('goes to each channel that has its topic, once, under its single name', () => {
    const { service, tokens, events, deliveries } = model();
    const token = tokens.issue('a');
    const channels = [service.create(token), service.create(token), service.create(token)] as const;
    service.change(channels[0], [presence(1), `v2.users.${id(1)}?presence&activity`], 'add', false);
    service.change(channels[1], [`v2.users.${id(1)}?routingStatus&presence`], 'add', false);
    service.change(channels[2], [presence(2)], 'add', false);
    const links = channels.map((channel) => connected(service, channel.id));
    service.publish([presence(1), presence(3)], { state: 'ok' });
    const message = {
      topicName: presence(1),
      version: '2',
      eventBody: { state: 'ok' },
      metadata: { CorrelationId: events[0]!.correlationId },
    };
    expect(links.map(({ seen }) => seen)).toEqual([[message], [message], []]);
    expect(events).toMatchObject([
      { number: 0, topicName: presence(1), publishedAt: 0, channels: 2 },
      { number: 1, topicName: presence(3), channels: 0 },
    ]);
    expect(events[0]!.correlationId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-0{12}$/);
    expect(deliveries).toEqual(
      [0, 1].map((nth) => ({ number: 0, channelId: channels[nth]!.id, connection: nth, outcome: 'delivered', at: 0 })),
    );
  });

  it('is lost where no socket is there, or a half-open one; nothing comes later', () => {
    const { service, tokens, deliveries } = model();
    const channel = service.create(tokens.issue('a'));
    service.change(channel, [presence(1)], 'add', false);
    service.publish([presence(1)], { n: 1 });
    const first = connected(service, channel.id);
    service.publish([presence(1)], { n: 2 });
    service.mute(channel);
    service.publish([presence(1)], { n: 3 });
    const second = connected(service, channel.id);
    service.cut(channel);
    service.publish([presence(1)], { n: 4 });
    expect(first.seen).toMatchObject([{ eventBody: { n: 2 } }, 'muted']);
    expect(second.seen).toEqual(['cut']);
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['no-socket', 'delivered', 'lost', 'no-socket']);
    expect(service.totals).toMatchObject({ events: 4, delivered: 1, lost: 3 });
  });

  it('comes no more once its topic is replaced, removed, or held by nothing but what was removed', () => {
    const { service, tokens } = model();
    const channel = service.create(tokens.issue('a'));
    const { seen } = connected(service, channel.id);
    const joined = `v2.users.${id(1)}?presence&activity`;
    service.change(channel, [presence(1), joined], 'add', false);
    service.change(channel, [joined], 'replace', false);
    service.publish([presence(1)], {});
    expect(seen).toHaveLength(1);
    service.change(channel, [presence(2)], 'replace', false);
    service.publish([presence(1)], {});
    expect(seen).toHaveLength(1);
    service.clear(channel);
    service.publish([presence(2)], {});
    expect(seen).toHaveLength(1);
  });
});

describe('stop', () => {
  it('leaves no timer', () => {
    const { service, tokens, until } = model();
    for (let nth = 0; nth < 3; nth += 1) {
      const channel = service.create(tokens.issue('a'));
      const { seen } = connected(service, channel.id);
      if (nth === 1) service.closeSoon(channel);
      if (nth === 2) service.mute(channel);
      seen.length = 0;
      service.stop();
      until(100 * HOUR);
      expect(seen).toEqual([]);
    }
  });
});
