import { describe, expect, it } from 'vitest';
import {
  PATH,
  clientOf,
  id,
  notificationClient,
  presence,
  type ChannelAnswer,
  type Entities,
  type ErrorAnswer,
  type TopicAnswer,
} from './notification-client.ts';
import { start, validToken } from './plain-client.ts';

const error = async (response: Response): Promise<ErrorAnswer> => (await response.json()) as ErrorAnswer;

describe('channels', () => {
  it('are made with id, address and an end in 24 hours, and listed', async () => {
    const simulator = await start();
    const client = await clientOf(simulator);
    const before = Date.now();
    const channel = await client.channel();
    expect(channel.id).toMatch(/^[\da-f-]{36}$/);
    expect(channel.connectUri).toBe(`${simulator.apiUrl.replace('http', 'ws')}/channels/${channel.id}`);
    expect(Date.parse(channel.expires) - before).toBeGreaterThanOrEqual(86_400_000 - 1000);
    expect(Date.parse(channel.expires) - before).toBeLessThan(86_400_000 + 5000);
    expect(await client.ask('GET', 'channels')).toEqual({ entities: [channel] });
    expect((await client.call('HEAD', `channels/${channel.id}`)).status).toBe(200);
    expect((await client.call('HEAD', `channels/${id(1)}`)).status).toBe(404);
  });

  it('of another token show without id and address, and only when asked for', async () => {
    const simulator = await start();
    const [first, second] = [await clientOf(simulator), await clientOf(simulator)];
    const own = await first.channel();
    const { expires } = await second.channel();
    expect(await first.ask('GET', 'channels?includechannels=oauthclient')).toEqual({ entities: [own, { expires }] });
    expect(await first.ask('GET', 'channels?includechannels=token')).toEqual({ entities: [own] });
  });

  it('number 20 at most: the 21st ends the one whose last use is the oldest', async () => {
    const simulator = await start();
    const client = await clientOf(simulator);
    const channels: ChannelAnswer[] = [];
    for (let nth = 0; nth < 20; nth += 1) channels.push(await client.channel());
    await client.topics('PUT', channels[0]!.id, [presence(1)]);
    const last = await client.channel();
    const { entities } = await client.ask<Entities<ChannelAnswer>>('GET', 'channels');
    const left = entities.map((channel) => channel.id);
    expect(left).toEqual([channels[0]!, ...channels.slice(2), last].map((channel) => channel.id));
    expect(simulator.notifications.totals).toMatchObject({ channels: 21, replaced: 1 });
  });
});

describe('subscriptions', () => {
  it('are added, replaced, listed and removed', async () => {
    const client = await clientOf(await start());
    const channel = await client.channel();
    const listed = (): Promise<unknown> => client.ask('GET', `channels/${channel.id}/subscriptions`);
    const added = await client.topics('POST', channel.id, [presence(1), presence(2)]);
    expect(added.entities).toMatchObject([
      { id: presence(1), state: 'Permitted' },
      { id: presence(2), state: 'Permitted' },
    ]);
    await client.topics('POST', channel.id, [presence(2), presence(3)]);
    expect(await listed()).toEqual({ entities: [1, 2, 3].map((number) => ({ id: presence(number) })) });
    await client.topics('PUT', channel.id, [presence(4)]);
    expect(await listed()).toEqual({ entities: [{ id: presence(4) }] });
    expect((await client.call('DELETE', `channels/${channel.id}/subscriptions`)).status).toBe(204);
    expect(await listed()).toEqual({ entities: [] });
  });

  it('are refused one by one with ignoreErrors, and all together without', async () => {
    const simulator = await start({
      notifications: { denied: [{ topic: 'v2.users.*.conversations', missingPermissions: ['a:b:view'] }] },
    });
    const client = await clientOf(simulator);
    const channel = await client.channel();
    const conversations = `v2.users.${id(1)}.conversations`;
    const wrong = [
      'v2.users.me.presence',
      'v2.users.{id}.presence',
      `v2.users.${id(1)}.weather`,
      'nonsense',
      '',
      `v2.users.${id(1)}?presence?activity`,
      `v2.users.${id(1)}?presence&`,
      `v2.users.${id(1)}?${'presence&'.repeat(20)}presence`,
    ];
    const { entities } = await client.topics(
      'PUT',
      channel.id,
      [presence(1), conversations, ...wrong],
      '?ignoreErrors=true',
    );
    expect(entities.map(({ state }) => state)).toEqual(['Permitted', ...['Rejected', ...wrong].map(() => 'Rejected')]);
    expect(entities[1]).toEqual({
      id: conversations,
      state: 'Rejected',
      rejectionReason: `Not permitted to subscribe to ${conversations}.`,
      missingPermissions: ['a:b:view'],
    });
    expect(entities.at(-1)!.rejectionReason).toContain('at most 200 characters');
    expect(entities[4]!.rejectionReason).toBe(`There is no topic v2.users.${id(1)}.weather.`);

    const response = await client.call('POST', `channels/${channel.id}/subscriptions`, [
      { id: presence(2) },
      { id: conversations },
    ]);
    expect(response.status).toBe(400);
    const body = await error(response);
    expect(body).toMatchObject({ code: 'bad.request', status: 400, details: [{ entityId: conversations }] });
    const after = await client.ask<Entities<TopicAnswer>>('GET', `channels/${channel.id}/subscriptions`);
    expect(after.entities).toEqual([{ id: presence(1) }]);
  });

  it('number 1,000 at most, a joined one counting as one', async () => {
    const client = await clientOf(await start());
    const channel = await client.channel();
    const joined = Array.from({ length: 1000 }, (_, nth) => `v2.users.${id(nth)}?presence&routingStatus&activity`);
    expect((await client.topics('PUT', channel.id, joined)).entities).toHaveLength(1000);
    const more = await client.call('POST', `channels/${channel.id}/subscriptions?ignoreErrors=true`, [
      { id: presence(0) },
    ]);
    expect(more.status).toBe(400);
    expect((await error(more)).message).toBe('A channel has at most 1000 topics, these would be 1001.');
    await client.topics('POST', channel.id, joined.slice(0, 3));
  });

  it.each([
    ['{', 'application/json', 400],
    ['{}', 'application/json', 400],
    ['[null]', 'application/json', 400],
    ['[{"id":7}]', 'application/json', 400],
    ['[]', 'text/plain', 415],
    [`["${'x'.repeat(1_100_000)}"]`, 'application/json', 413],
  ])('answer a body that is none of theirs: %.12s as %s', async (body, type, status) => {
    const simulator = await start();
    const client = await clientOf(simulator);
    const { id: channelId } = await client.channel();
    const response = await fetch(`${simulator.apiUrl}${PATH}/channels/${channelId}/subscriptions`, {
      method: 'PUT',
      body,
      headers: { authorization: `Bearer ${await validToken(simulator)}`, 'content-type': type },
    });
    expect(response.status).toBe(status);
    expect((await error(response)).status).toBe(status);
  });
});

describe('available topics', () => {
  it('are listed with what was asked for', async () => {
    const client = await clientOf(await start());
    const { entities } = await client.ask<Entities<object>>('GET', 'availabletopics');
    expect(entities).toContainEqual({ id: 'v2.users.{id}.presence' });
    expect(entities.length).toBeGreaterThan(15);
    const expanded = await client.ask<Entities<object>>(
      'GET',
      'availabletopics?expand=description,requiresPermissions&expand=transports',
    );
    expect(expanded.entities).toContainEqual({
      id: 'v2.routing.queues.{id}.users',
      description: 'A user joined a queue, or left it.',
      requiresPermissions: ['routing:queue:view'],
      transports: ['All'],
    });
    const preview = await client.ask<Entities<object>>('GET', 'availabletopics?includePreview=true');
    expect(preview.entities.length).toBe(entities.length + 1);
  });
});

describe('every call', () => {
  it('needs a valid token', async () => {
    const simulator = await start();
    const response = await notificationClient(simulator, 'guess').call('POST', 'channels');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await error(response)).toMatchObject({ code: 'bad.credentials', status: 401 });
    const client = await clientOf(simulator);
    await client.channel();
    simulator.revokeTokens();
    expect((await client.call('GET', 'channels')).status).toBe(401);
    expect(simulator.notifications.channels()).toEqual([]);
  });

  it('echoes the correlation id, or makes one, and names it in the error', async () => {
    const client = await clientOf(await start());
    const mine = await client.call('HEAD', `channels/${id(1)}`, undefined, { 'inin-correlation-id': 'mine' });
    expect(mine.headers.get('inin-correlation-id')).toBe('mine');
    const other = await client.call('GET', `channels/${id(1)}/subscriptions`);
    const { contextId, code, message } = await error(other);
    expect(contextId).toBe(other.headers.get('inin-correlation-id'));
    expect(contextId).toMatch(/^[\da-f-]{36}$/);
    expect([code, message]).toEqual(['not.found', `There is no channel ${id(1)}.`]);
  });

  it('is counted by token, and answered 429 with Retry-After over the limit', async () => {
    const simulator = await start({ notifications: { requestsPerMinute: 3 } });
    const client = await clientOf(simulator);
    const seen: unknown[] = [];
    for (let nth = 0; nth < 4; nth += 1) {
      const { status, headers } = await client.call('GET', 'channels');
      seen.push([status, headers.get('inin-ratelimit-count'), headers.get('inin-ratelimit-allowed')]);
    }
    expect(seen).toEqual([
      [200, '1', '3'],
      [200, '2', '3'],
      [200, '3', '3'],
      [429, '4', '3'],
    ]);
    const refused = await client.call('GET', 'channels');
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
    expect(refused.headers.get('inin-ratelimit-reset')).toBe(String(wait));
    expect(await error(refused)).toMatchObject({ code: 'too.many.requests.retry.after' });
    expect((await (await clientOf(simulator)).call('GET', 'channels')).status).toBe(200);
    expect(simulator.notifications.totals).toMatchObject({ requests: 6, throttled: 2 });
  });

  it('names the methods of its path, and knows no other paths', async () => {
    const client = await clientOf(await start());
    const { id: channelId } = await client.channel();
    const refused = async (method: string, path: string): Promise<unknown> => {
      const { status, headers } = await client.call(method, path);
      return [status, headers.get('allow')];
    };
    expect(await refused('PUT', 'channels')).toEqual([405, 'GET, POST']);
    expect(await refused('GET', `channels/${channelId}`)).toEqual([405, 'HEAD']);
    expect(await refused('PATCH', `channels/${channelId}/subscriptions`)).toEqual([405, 'GET, POST, PUT, DELETE']);
    expect(await refused('POST', 'availabletopics')).toEqual([405, 'GET']);
    for (const path of ['', 'elsewhere', `channels/${channelId}/more`, `channels/${channelId}/subscriptions/x`]) {
      expect(await refused('GET', path)).toEqual([404, null]);
    }
  });

  it('may come from a page of any origin', async () => {
    const simulator = await start();
    const preflight = await fetch(`${simulator.apiUrl}${PATH}/channels`, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const refused = await notificationClient(simulator, 'guess').call('GET', 'channels');
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(refused.headers.get('access-control-expose-headers')).toContain('inin-correlation-id');
  });
});
