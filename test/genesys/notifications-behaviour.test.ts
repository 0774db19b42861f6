import { BehaviorSubject, of, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { inspect } from 'node:util';
import { ChannelLimitError, NetworkError, UpgradeError } from '../../operators/errors.ts';
import type { RawFrame, RejectedFrame } from '../../operators/frame.ts';
import type { Gap } from '../../src/genesys/notifications/coverage.ts';
import {
  notifications,
  type NotificationNotice,
  type NotificationsOptions,
} from '../../src/genesys/notifications/notifications.ts';
import type { Topic } from '../../src/genesys/notifications/topics.ts';
import { frames } from '../../src/testing/frames.ts';
import { drivenClient, type DrivenClient } from './driven-client.ts';

const user = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`;
const presence = (nth: number): Topic => `v2.users.${user(nth)}.presence`;
const routing = (nth: number): Topic => `v2.users.${user(nth)}.routingStatus`;

/** Subscribes, and keeps what comes. */
function subscribed(
  client: DrivenClient,
  options: Partial<NotificationsOptions> & Pick<NotificationsOptions, 'topics'>,
) {
  const notices: NotificationNotice[] = [];
  const outcomes: (RawFrame | RejectedFrame)[] = [];
  const errors: unknown[] = [];
  const subscription = notifications({
    api: client.api,
    connection: { socket: client.platform.socket },
    notices: { next: (notice) => notices.push(notice) },
    scheduler: client.scheduler,
    ...options,
  }).subscribe({ next: (outcome) => outcomes.push(outcome), error: (error: unknown) => errors.push(error) });
  const bodies = () =>
    outcomes
      .map(
        ({ rawData }) =>
          JSON.parse(Buffer.from(rawData).toString()) as { topicName: string; eventBody: { n?: number } },
      )
      .filter(({ topicName }) => topicName.startsWith('v2.users'))
      .map(({ eventBody }) => eventBody.n);
  return { subscription, notices, outcomes, errors, bodies };
}

const subscriptionsOf = ({ platform }: DrivenClient) =>
  platform.channels().flatMap(({ subscriptions }) => subscriptions);
const puts = ({ calls }: DrivenClient) => calls.filter(({ method }) => method === 'PUT').length;

describe('notifications', () => {
  it('names the topics that are refused and what is missing, and goes on with the others', async () => {
    const client = drivenClient({
      denied: [{ topic: routing(1), missingPermissions: ['routing:status:view'] }],
    });
    const { notices, bodies, errors } = subscribed(client, {
      topics: [presence(1), routing(1), presence(2), 'v2.nothing.there'],
    });
    await client.pass(2_000);
    client.platform.publish(presence(1), { n: 1 });
    client.platform.publish(routing(1), { n: 2 });
    client.platform.publish(presence(2), { n: 3 });
    await client.pass(1_000);
    expect(notices).toStrictEqual([
      {
        type: 'refused',
        topic: 'v2.nothing.there',
        reason: 'There is no topic v2.nothing.there.',
        missingPermissions: [],
      },
      {
        type: 'refused',
        topic: routing(1),
        reason: `Not permitted to subscribe to ${routing(1)}.`,
        missingPermissions: ['routing:status:view'],
      },
    ]);
    expect(bodies()).toStrictEqual([1, 3]);
    expect(subscriptionsOf(client).sort()).toStrictEqual([presence(1), presence(2)]);
    expect(errors).toStrictEqual([]);
  });

  it('follows the topics that are wanted, changes close together in one call', async () => {
    const client = drivenClient();
    const topics = new BehaviorSubject<readonly Topic[]>([presence(1)]);
    const { bodies } = subscribed(client, { topics });
    await client.pass(2_000);
    expect(puts(client)).toBe(1);
    for (let nth = 2; nth <= 20; nth += 1) topics.next(Array.from({ length: nth }, (_, of) => presence(of + 1)));
    await client.pass(1_000);
    expect(puts(client)).toBe(2);
    topics.next([presence(20), routing(20)]);
    await client.pass(1_000);
    expect(puts(client)).toBe(3);
    expect(subscriptionsOf(client).sort()).toStrictEqual([presence(20), routing(20)]);
    client.platform.publish(presence(1), { n: 1 });
    client.platform.publish(routing(20), { n: 2 });
    await client.pass(1_000);
    expect(bodies()).toStrictEqual([2]);
    topics.next([]);
    await client.pass(10_000);
    expect(client.platform.channels().some(({ isConnected }) => isConnected)).toBe(false);
  });

  it('spreads topics over channels, and gives a channel up when few are left, with nothing lost or twice', async () => {
    const client = drivenClient({ jitter: 50 });
    const all = Array.from({ length: 1_500 }, (_, nth) => presence(nth));
    const topics = new BehaviorSubject<readonly Topic[]>(all);
    const { bodies, notices } = subscribed(client, { topics });
    await client.pass(5_000);
    expect(client.platform.channels().map(({ subscriptions }) => subscriptions.length)).toStrictEqual([750, 750]);
    topics.next(all.slice(500, 1_100));
    for (let n = 0; n < 2_000; n += 1) {
      client.platform.publish(presence(500 + (n % 600)), { n });
      await client.pass(10);
    }
    await client.pass(1_000);
    expect(client.platform.channels().filter(({ isConnected }) => isConnected)).toHaveLength(1);
    const accepted = bodies();
    expect(new Set(accepted).size).toBe(2_000);
    expect(notices.filter(({ type }) => type === 'gap')).toStrictEqual([]);
  });

  it('merges in what refetch gives for a gap, and tells where that fails', async () => {
    const client = drivenClient();
    const refetch = vi
      .fn<(gap: Gap) => ReturnType<NonNullable<NotificationsOptions['refetch']>>>()
      .mockReturnValueOnce(of(frames.raw(JSON.stringify({ topicName: presence(1), eventBody: { n: 99 } }))))
      .mockReturnValueOnce(throwError(() => new Error('no')));
    const { bodies, notices } = subscribed(client, { topics: [presence(1)], refetch });
    await client.pass(40_000);
    client.platform.cut();
    await client.pass(40_000);
    client.platform.cut();
    await client.pass(10_000);
    const gaps = notices.filter((notice) => notice.type === 'gap');
    expect(gaps).toHaveLength(2);
    expect(refetch.mock.calls.map(([gap]) => ({ type: 'gap', ...gap }))).toStrictEqual(gaps);
    expect(bodies()).toStrictEqual([99]);
    expect(notices.at(-1)).toMatchObject({ type: 'refetch-failed', cause: { message: 'no' } });
    expect(gaps[0]).toMatchObject({ topics: [presence(1)] });
    // The last sign of life was the answer to a ping, 10 s before the cut.
    expect(gaps[0]!.from).toBeGreaterThan(40_000 - 15_000 - 2_100);
    expect(gaps[0]!.to).toBeLessThan(40_000 + 1_000 + 2_200);
  });

  it('makes the next channel before the token of the present one ends, where its life is known', async () => {
    const client = drivenClient({ tokenLifetime: 600 });
    const { notices } = subscribed(client, {
      topics: [presence(1)],
      api: { ...client.api, tokenLifeLeft: () => 600_000 },
    });
    await client.pass(570_000);
    const handovers = notices.filter((notice) => notice.type === 'handover');
    expect(handovers.map(({ reason, status }) => [reason, status])).toStrictEqual([
      ['expiry', 'started'],
      ['expiry', 'overlapping'],
      ['expiry', 'done'],
    ]);
  });

  it('fails before a further channel would end another program’s', async () => {
    const client = drivenClient();
    for (let nth = 0; nth < 20; nth += 1)
      client.api.call({ method: 'POST', path: '/api/v2/notifications/channels' }).subscribe();
    await client.pass(2_000);
    const { errors } = subscribed(client, { topics: [presence(1)] });
    await client.pass(2_000);
    expect(errors[0]).toBeInstanceOf(ChannelLimitError);
    expect(errors[0]).toMatchObject({ code: 'ERR_CHANNEL_LIMIT', channels: 20 });
    expect(client.platform.totals).toMatchObject({ channels: 20, replaced: 0 });

    subscribed(client, { topics: [presence(1)], atLimit: 'replace' });
    await client.pass(2_000);
    expect(client.platform.totals).toMatchObject({ channels: 21, replaced: 1 });
  });

  it('takes a channel that is there already, where it may', async () => {
    const client = drivenClient();
    client.api.call({ method: 'POST', path: '/api/v2/notifications/channels' }).subscribe();
    await client.pass(1_000);
    subscribed(client, { topics: [presence(1)], reuse: true });
    await client.pass(2_000);
    expect(client.platform.totals.channels).toBe(1);
    expect(subscriptionsOf(client)).toStrictEqual([presence(1)]);
  });

  it('makes another channel where its own is gone, and tells the gap', async () => {
    const client = drivenClient();
    const { notices, bodies, errors } = subscribed(client, { topics: [presence(1)] });
    await client.pass(40_000);
    client.platform.expire();
    await client.pass(5_000);
    client.platform.publish(presence(1), { n: 1 });
    await client.pass(1_000);
    expect(client.platform.totals.channels).toBe(2);
    expect(bodies()).toStrictEqual([1]);
    expect(notices.map(({ type }) => type)).toStrictEqual(['gap']);
    expect(errors).toStrictEqual([]);
  });

  it('begins an abandoned handover again', async () => {
    const client = drivenClient();
    const { notices } = subscribed(client, { topics: [presence(1)], reconnect: { initialDelay: 100 } });
    await client.pass(5_000);
    const call = client.api.call.bind(client.api);
    const failing = vi.spyOn(client.api, 'call').mockImplementation(() => throwError(() => new Error('down')));
    client.platform.closeSoon();
    await client.pass(3_000);
    failing.mockImplementation((request) => call(request));
    await client.pass(15_000);
    expect(notices.map((notice) => (notice.type === 'handover' ? notice.status : notice.type))).toStrictEqual([
      'started',
      'abandoned',
      'started',
      'overlapping',
      'done',
    ]);
  });

  it('misses nothing of a topic whose new neighbour is refused', async () => {
    const client = drivenClient({ denied: [{ topic: routing(1) }] });
    const topics = new BehaviorSubject<readonly Topic[]>([presence(1)]);
    const { bodies, notices } = subscribed(client, { topics });
    await client.pass(2_000);
    topics.next([presence(1), routing(1)]);
    for (let n = 0; n < 100; n += 1) {
      client.platform.publish(presence(1), { n });
      await client.pass(10);
    }
    await client.pass(100);
    expect(bodies()).toHaveLength(100);
    expect(notices).toMatchObject([{ type: 'refused', topic: routing(1) }]);
  });

  it('asks anew for a refused topic that was not wanted for a while', async () => {
    const client = drivenClient({ denied: [{ topic: routing(1) }] });
    const topics = new BehaviorSubject<readonly Topic[]>([presence(1), routing(1)]);
    const { notices } = subscribed(client, { topics });
    await client.pass(2_000);
    topics.next([presence(1)]);
    await client.pass(1_000);
    topics.next([presence(1), routing(1)]);
    await client.pass(1_000);
    expect(notices.map(({ type }) => type)).toStrictEqual(['refused', 'refused']);
  });

  it('sets the topics anew where it does not know whether a change was made', async () => {
    for (let offset = 0; offset < 60; offset += 4) {
      const client = drivenClient();
      const topics = new BehaviorSubject<readonly Topic[]>([presence(1), presence(2)]);
      const { bodies } = subscribed(client, { topics });
      await client.pass(5_000);
      topics.next([presence(1)]);
      await client.pass(100 + offset);
      client.platform.cut();
      topics.next([presence(1), presence(2)]);
      await client.pass(5_000);
      client.platform.publish(presence(2), { n: 1 });
      await client.pass(1_000);
      expect([offset, bodies()]).toStrictEqual([offset, [1]]);
    }
  });

  it('tells no gap of a topic that was not wanted any more when its subscription was answered', async () => {
    const client = drivenClient({ restLatency: 400 });
    const topics = new BehaviorSubject<readonly Topic[]>([presence(1)]);
    const { notices } = subscribed(client, { topics });
    await client.pass(5_000);
    topics.next([presence(1), presence(2)]);
    await client.pass(300);
    topics.next([presence(1)]);
    await client.pass(60_000);
    topics.next([presence(1), presence(2)]);
    await client.pass(5_000);
    expect(notices).toStrictEqual([]);
  });

  it('tells no gap in an ordinary, quiet life: topics come and go, channels are handed over and given up', async () => {
    const client = drivenClient({ jitter: 30, scenario: [{ at: 40_000, every: 60_000, do: 'socket-closing' }] });
    const all = Array.from({ length: 1_500 }, (_, nth) => presence(nth));
    const topics = new BehaviorSubject<readonly Topic[]>(all);
    const { notices } = subscribed(client, { topics });
    for (let step = 1; step <= 30; step += 1) {
      await client.pass(9_700);
      topics.next(all.slice(step * 37, 1_500 - (step % 7) * 100));
    }
    expect(notices.filter(({ type }) => type !== 'handover')).toStrictEqual([]);
  });

  it('keeps a channel that is given up until others deliver its topics, however long that takes', async () => {
    const client = drivenClient();
    const all = Array.from({ length: 1_500 }, (_, nth) => presence(nth));
    const topics = new BehaviorSubject<readonly Topic[]>(all);
    const { bodies, notices } = subscribed(client, { topics });
    await client.pass(5_000);
    client.platform.throttle(90);
    topics.next(all.slice(0, 600));
    for (let n = 0; n < 600; n += 1) {
      client.platform.publish(presence(n), { n });
      await client.pass(200);
    }
    await client.pass(1_000);
    expect(new Set(bodies()).size).toBe(600);
    expect(notices.filter(({ type }) => type === 'gap')).toStrictEqual([]);
    expect(client.platform.channels().filter(({ isConnected }) => isConnected)).toHaveLength(1);
  });

  it('does not take a topic for delivered by a connection that brought it when nobody wanted it any more', async () => {
    const client = drivenClient({ restLatency: 400 });
    const topics = new BehaviorSubject<readonly Topic[]>([presence(1)]);
    const { notices } = subscribed(client, { topics });
    await client.pass(5_000);
    topics.next([presence(1), presence(2)]);
    await client.pass(300);
    topics.next([presence(1)]);
    await client.pass(10_000);
    client.platform.cut();
    await client.pass(40_000);
    topics.next([presence(1), presence(2)]);
    await client.pass(20_000);
    client.platform.cut();
    await client.pass(20_000);
    expect(notices).toMatchObject([
      { type: 'gap', topics: [presence(1)] },
      { type: 'gap', topics: [presence(1), presence(2)] },
    ]);
  });

  it('gives nothing twice while two channels are given up, one after the other', async () => {
    const client = drivenClient({ jitter: 150 });
    const all = Array.from({ length: 2_700 }, (_, nth) => presence(nth));
    const topics = new BehaviorSubject<readonly Topic[]>(all);
    const { outcomes, notices } = subscribed(client, { topics });
    await client.pass(5_000);
    const publish = async (times: number) => {
      for (let n = 0; n < times; n += 1) {
        client.platform.publish(presence(n % 10), { n: published });
        published += 1;
        await client.pass(10);
      }
    };
    let published = 0;
    topics.next(all.slice(0, 1_400));
    await publish(970);
    topics.next(all.slice(0, 700));
    await publish(3_000);
    await client.pass(2_000);
    const accepted = outcomes
      .filter(({ kind }) => kind === 'raw')
      .map(
        ({ rawData }) =>
          JSON.parse(Buffer.from(rawData).toString()) as { topicName: string; eventBody: { n?: number } },
      )
      .filter(({ topicName }) => topicName.startsWith('v2.users'));
    expect(accepted).toHaveLength(published);
    const latest = new Map<string, number>();
    for (const { topicName, eventBody } of accepted) {
      expect(eventBody.n).toBeGreaterThan(latest.get(topicName) ?? -1);
      latest.set(topicName, eventBody.n as number);
    }
    expect(notices).toStrictEqual([]);
  });

  it('gives a next connection up that says nothing, and makes another one', async () => {
    const client = drivenClient({ socketLatency: 100 });
    const { notices, bodies } = subscribed(client, { topics: [presence(1)] });
    await client.pass(40_000);
    client.platform.mute();
    // The next one opens, and is half-open before its first message.
    await client.pass(45_000);
    await vi.waitFor(async () => {
      await client.pass(20);
      if (client.platform.channels().filter(({ isConnected }) => isConnected).length < 2) throw new Error('not yet');
    });
    client.platform.mute();
    await client.pass(200_000);
    client.platform.publish(presence(1), { n: 1 });
    await client.pass(1_000);
    expect(bodies()).toStrictEqual([1]);
    expect(notices.filter(({ type }) => type === 'gap')).not.toHaveLength(0);
  });

  it('tells nothing any more when it is unsubscribed from', async () => {
    const client = drivenClient({ socketLatency: 200 });
    const refetch = vi.fn(() => of());
    const { subscription, notices } = subscribed(client, { topics: [presence(1)], refetch });
    await client.pass(20_000);
    client.platform.mute();
    await client.pass(43_000);
    expect(notices).toMatchObject([{ status: 'started' }, { status: 'overlapping' }]);
    subscription.unsubscribe();
    await client.pass(10_000);
    expect(notices.filter(({ type }) => type === 'gap')).toStrictEqual([]);
    expect(refetch).not.toHaveBeenCalled();
  });

  it('takes its own channels again where it is subscribed to again', async () => {
    const client = drivenClient();
    const source$ = notifications({
      api: client.api,
      topics: [presence(1)],
      connection: { socket: client.platform.socket },
      scheduler: client.scheduler,
    });
    for (let nth = 0; nth < 25; nth += 1) {
      const subscription = source$.subscribe();
      await client.pass(3_000);
      subscription.unsubscribe();
      await client.pass(1_000);
    }
    expect(client.platform.totals.channels).toBe(1);
  });

  it('does not end another program’s channel by making several at once', async () => {
    const client = drivenClient();
    for (let nth = 0; nth < 17; nth += 1)
      client.api.call({ method: 'POST', path: '/api/v2/notifications/channels' }).subscribe();
    await client.pass(2_000);
    const { errors } = subscribed(client, { topics: Array.from({ length: 4_500 }, (_, nth) => presence(nth)) });
    await client.pass(5_000);
    expect(errors).toMatchObject([{ name: 'ChannelLimitError' }]);
    expect(client.platform.totals.replaced).toBe(0);
  });

  it('heeds a notice of the next connection that comes during the handover', async () => {
    const client = drivenClient({ closingNotice: 20_000 });
    const { notices } = subscribed(client, { topics: [presence(1)] });
    await client.pass(40_000);
    client.platform.closeSoon();
    await client.pass(2_000);
    client.platform.closeSoon();
    await client.pass(40_000);
    expect(notices.filter(({ type }) => type === 'gap')).toStrictEqual([]);
    expect(notices.filter((notice) => notice.type === 'handover' && notice.status === 'done')).toHaveLength(2);
  });

  it('keeps its channel, and fails with the cause, where something in between refuses the upgrade', async () => {
    const client = drivenClient();
    const { errors } = subscribed(client, {
      topics: [presence(1)],
      connection: {
        socket: {
          ...client.platform.socket,
          open: (request, events) => {
            client.scheduler.schedule(() => events.end(new UpgradeError('refused by a proxy', 407)), 20);
            return { send: () => undefined, close: () => undefined, terminate: () => undefined };
          },
        },
      },
    });
    await client.pass(20_000);
    expect(errors).toMatchObject([{ name: 'UpgradeError', status: 407 }]);
    expect(client.platform.totals.channels).toBe(1);
  });

  it('goes on delivering while a change of topics fails, and makes it up', async () => {
    const client = drivenClient();
    const topics = new BehaviorSubject<readonly Topic[]>([presence(1)]);
    const { bodies, errors, notices } = subscribed(client, { topics });
    await client.pass(2_000);
    const call = client.api.call.bind(client.api);
    const failing = vi
      .spyOn(client.api, 'call')
      .mockImplementation(() => throwError(() => new NetworkError('api answered with 503')));
    topics.next([presence(1), presence(2)]);
    await client.pass(5_000);
    client.platform.publish(presence(1), { n: 1 });
    topics.next([presence(1), presence(3)]);
    await client.pass(5_000);
    failing.mockImplementation((request) => call(request));
    await client.pass(30_000);
    client.platform.publish(presence(3), { n: 3 });
    client.platform.publish(presence(2), { n: 2 });
    await client.pass(1_000);
    expect(bodies()).toStrictEqual([1, 3]);
    expect(errors).toStrictEqual([]);
    expect(new Set(notices.map(({ type }) => type))).toStrictEqual(new Set(['topics-failed']));
    expect(puts(client)).toBe(2);
  });

  it('shows no address of a channel in an error or a state: whoever has it can listen', async () => {
    const client = drivenClient();
    const shownThings: unknown[] = [];
    const { errors } = subscribed(client, {
      topics: [presence(1)],
      state: { next: (state) => shownThings.push(state) },
      connection: {
        socket: {
          ...client.platform.socket,
          open: (request, events) => {
            const socket = client.platform.socket.open(request, { ...events, open: () => undefined });
            client.scheduler.schedule(
              () => events.end(new NetworkError(`The connection to ${request.shownAs} failed.`)),
              50,
            );
            return socket;
          },
        },
      },
    });
    await client.pass(60_000);
    client.platform.expire();
    await client.pass(60_000);
    const { id } = client.platform.channels()[0]!;
    expect(shownThings.length).toBeGreaterThan(10);
    expect(inspect([shownThings, errors], { depth: Infinity, showHidden: true })).not.toContain(id);
  });

  it('leaves no timer and no socket when it is unsubscribed from, at whatever moment', async () => {
    for (let moment = 0; moment < 12_000; moment += 75) {
      const client = drivenClient({
        scenario: [
          { at: 3_000, do: 'socket-closing' },
          { at: 9_000, do: 'cut' },
        ],
      });
      const { subscription } = subscribed(client, { topics: [presence(1)], overlap: 1_000 });
      await client.pass(moment);
      subscription.unsubscribe();
      await client.pass(2_500);
      expect([moment, client.timers(), client.platform.openSockets]).toStrictEqual([moment, 0, 0]);
      client.platform.stop();
    }
  });

  it.each<[object, string]>([
    [
      { topics: 'v2.x' },
      'TypeError: notifications: topics must be an array of topics, or an Observable of arrays, got "v2.x"',
    ],
    [
      { topics: [], api: undefined },
      'TypeError: notifications: api must be an object with a method call(), got undefined',
    ],
    [{ topics: [], hold: 5_000 }, 'RangeError: notifications: hold must be below overlap (5000), got 5000'],
    [
      { topics: [], atLimit: 'wait' },
      'RangeError: notifications: atLimit must be one of "error", "replace", got "wait"',
    ],
    [{ topics: [], topic: 1 }, 'TypeError: notifications: there is no option "topic"; there are api, topics,'],
  ])('refuses %j', (options, message) => {
    const { api } = drivenClient();
    expect(() => notifications({ api, ...options } as NotificationsOptions)).toThrow(
      expect.toSatisfy((error) => String(error).startsWith(message)),
    );
  });
});
