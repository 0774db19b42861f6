import { lastValueFrom, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ApiError, NetworkError } from '../../operators/errors.ts';
import { channelApi, type ChannelApi } from '../../src/genesys/notifications/channel-api.ts';
import { give, type Answer } from '../auth/token-server.ts';
import { apiClient, failureOf } from './api-client.ts';

const CHANNELS = '/api/v2/notifications/channels';

const EXPIRES = '2026-11-25T09:00:00.000Z';

const always =
  (status: number, body: unknown = ''): Answer =>
  (response) =>
    give(response, status, body);

/** The service at a server that gives one answer, and what that was asked. */
async function service(answer: Answer) {
  const { api, requests } = await apiClient(answer, { attempts: 1 });
  return { channels: channelApi(api), requests };
}

describe('create', () => {
  it('makes a channel', async () => {
    const channel = { connectUri: 'wss://streaming.example/channels/c-1', id: 'c-1', expires: EXPIRES, more: 1 };
    const { channels, requests } = await service(always(200, channel));
    expect(await lastValueFrom(channels.create())).toEqual({
      id: 'c-1',
      connectUri: 'wss://streaming.example/channels/c-1',
      expires: Date.parse(EXPIRES),
    });
    expect(requests).toMatchObject([{ method: 'POST', path: CHANNELS, body: '' }]);
  });
});

describe('list', () => {
  const entities = [
    { id: 'c-1', connectUri: 'wss://streaming.example/channels/c-1', expires: EXPIRES },
    { expires: '2026-11-25T10:00:00+01:00' },
  ];

  it.each([
    ['token', 'token'],
    ['client', 'oauthclient'],
  ] as const)('of %s asks for the channels of the %s, some of which show no id', async (of, query) => {
    const { channels, requests } = await service(always(200, { entities }));
    const expires = Date.parse(EXPIRES);
    expect(await lastValueFrom(channels.list(of))).toEqual([
      { id: 'c-1', connectUri: 'wss://streaming.example/channels/c-1', expires },
      { id: undefined, connectUri: undefined, expires },
    ]);
    expect(requests).toMatchObject([{ method: 'GET', path: `${CHANNELS}?includechannels=${query}` }]);
  });
});

describe('exists', () => {
  it('is true of a channel that is there', async () => {
    const { channels, requests } = await service(always(200));
    expect(await lastValueFrom(channels.exists('c-1'))).toBe(true);
    expect(requests).toMatchObject([{ method: 'HEAD', path: `${CHANNELS}/c-1` }]);
  });

  it('is false of one that is no more', async () => {
    const { channels } = await service(always(404));
    expect(await lastValueFrom(channels.exists('c-1'))).toBe(false);
  });

  it.each([400, 403])('is an error where the answer is %i', async (status) => {
    const { channels } = await service(always(status));
    expect(await failureOf(channels.exists('c-1'))).toMatchObject({ code: 'ERR_API', status });
  });
});

describe('subscriptions', () => {
  it('gives the ids of all', async () => {
    const entities = [{ id: 'v2.users.u.presence', selfUri: '/x' }, { id: 'v2.users.u?a&b' }];
    const { channels, requests } = await service(always(200, { entities }));
    expect(await lastValueFrom(channels.subscriptions('c-1'))).toEqual(['v2.users.u.presence', 'v2.users.u?a&b']);
    expect(requests).toMatchObject([{ method: 'GET', path: `${CHANNELS}/c-1/subscriptions` }]);
  });

  it('of a channel that is no more is an ApiError', async () => {
    const { channels } = await service(always(404, { code: 'not.found' }));
    const error = await failureOf(channels.subscriptions('c-1'));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 404, platformCode: 'not.found' });
    // Whoever has the id of a channel has the address of its socket.
    expect(error.message).toContain(`GET ${CHANNELS}/{channelId}/subscriptions with 404 not.found`);
  });
});

describe('replaceTopics', () => {
  it('puts the whole list, and tells what became of each', async () => {
    const entities = [
      { id: 'v2.a', state: 'Permitted', missingPermissions: [] },
      { id: 'v2.b', state: 'Rejected', rejectionReason: 'No.', missingPermissions: ['routing:queue:view'] },
      { id: 'v2.c', state: 'PERMITTED', rejectionReason: null },
      { id: 'v2.d' },
      { id: 'v2.e', rejectionReason: 'Neither.' },
      { id: 'v2.f', state: 'Rejected', rejectionReason: '' },
    ];
    const { channels, requests } = await service(always(200, { entities }));
    const made = (id: string) => ({ id, permitted: true, reason: undefined, missingPermissions: [] });
    const refused = (id: string, reason: string | undefined, ...missingPermissions: string[]) => ({
      id,
      permitted: false,
      reason,
      missingPermissions,
    });
    expect(await lastValueFrom(channels.replaceTopics('c-1', ['v2.a', 'v2.b']))).toEqual([
      made('v2.a'),
      refused('v2.b', 'No.', 'routing:queue:view'),
      made('v2.c'),
      made('v2.d'),
      refused('v2.e', 'Neither.'),
      refused('v2.f', undefined),
    ]);
    expect(requests).toMatchObject([
      {
        method: 'PUT',
        path: `${CHANNELS}/c-1/subscriptions?ignoreErrors=true`,
        body: '[{"id":"v2.a"},{"id":"v2.b"}]',
      },
    ]);
  });

  it('puts an empty list, too', async () => {
    const { channels, requests } = await service(always(200, { entities: [] }));
    expect(await lastValueFrom(channels.replaceTopics('c-1', []))).toEqual([]);
    expect(requests[0]!.body).toBe('[]');
  });
});

describe('removeTopics', () => {
  it('gives one empty value when it is done', async () => {
    const { channels, requests } = await service(always(204));
    const values: unknown[] = [];
    await channels.removeTopics('c-1').forEach((value) => values.push(value));
    expect(values).toEqual([undefined]);
    expect(requests).toMatchObject([{ method: 'DELETE', path: `${CHANNELS}/c-1/subscriptions` }]);
  });
});

describe('availableTopics', () => {
  it('gives what the platform offers, with what each needs', async () => {
    const entities = [
      {
        id: 'v2.users.{id}.presence',
        description: 'The presence of a user',
        requiresPermissions: ['presence:userPresence:view'],
        transports: ['Websocket', 'EventBridge'],
        enforced: true,
      },
      { id: 'v2.x', description: '', requiresPermissions: null },
    ];
    const { channels, requests } = await service(always(200, { entities }));
    expect(await lastValueFrom(channels.availableTopics())).toEqual([
      {
        id: 'v2.users.{id}.presence',
        description: 'The presence of a user',
        requiresPermissions: ['presence:userPresence:view'],
        transports: ['Websocket', 'EventBridge'],
      },
      { id: 'v2.x', description: undefined, requiresPermissions: [], transports: [] },
    ]);
    expect(requests).toMatchObject([
      { path: '/api/v2/notifications/availabletopics?expand=description%2CrequiresPermissions%2Ctransports' },
    ]);
  });
});

describe('a channel id', () => {
  it('is encoded in the path', async () => {
    const { channels, requests } = await service(always(200));
    await lastValueFrom(channels.exists('../a/b?c#d%2e ü'));
    expect(requests[0]!.path).toBe(`${CHANNELS}/..%2Fa%2Fb%3Fc%23d%252e%20%C3%BC`);
  });

  it.each(['', '.', '..', undefined, 7])('that can be none (%j) is an error at the call', async (id) => {
    const { channels, requests } = await service(always(200));
    for (const call of ['exists', 'subscriptions', 'removeTopics'] as const) {
      expect(() => channels[call](id as string)).toThrow(/^request \w+ \S+: channelId must be an id, got /);
    }
    expect(() => channels.replaceTopics(id as string, [])).toThrow(typeof id === 'string' ? RangeError : TypeError);
    expect(requests).toHaveLength(0);
  });
});

describe('an answer that is not what is documented is a NetworkError that names the place:', () => {
  const create = (channels: ChannelApi) => channels.create();
  const list = (channels: ChannelApi) => channels.list('token');
  const replace = (channels: ChannelApi) => channels.replaceTopics('c-1', ['v2.a']);
  const topics = (channels: ChannelApi) => channels.availableTopics();
  const channel = { id: 'c-1', connectUri: 'wss://x', expires: EXPIRES };

  it.each<[string, unknown, (channels: ChannelApi) => Observable<unknown>]>([
    ['body is not an object', '', create],
    ['body is not an object', null, create],
    ['body is not an object', [channel], create],
    ['body is not an object', '"a secret"', create],
    ['body.id is not a text', { ...channel, id: 7 }, create],
    ['body.id is not a text', { ...channel, id: '' }, create],
    ['body.connectUri is not a text', { ...channel, connectUri: undefined }, create],
    ['body.expires is not a date and time', { ...channel, expires: undefined }, create],
    ['body.expires is not a date and time', { ...channel, expires: 1_795_597_200_000 }, create],
    ['body.expires is not a date and time', { ...channel, expires: '2026' }, create],
    ['body.expires is not a date and time', { ...channel, expires: '2026-13-25T09:00:00Z' }, create],
    ['body.entities is not a list', {}, list],
    ['body.entities is not a list', { entities: { 0: channel } }, list],
    ['body.entities[1] is not an object', { entities: [channel, 'c-2'] }, list],
    ['body.entities[0].id is not a text', { entities: [{ ...channel, id: {} }] }, list],
    ['body.entities[0].expires is not a date and time', { entities: [{}] }, list],
    ['body.entities[0].id is not a text', { entities: [{ id: null }] }, (channels) => channels.subscriptions('c-1')],
    ['body.entities[0].id is not a text', { entities: [{ state: 'Permitted' }] }, replace],
    ['body.entities[0].state is not a text', { entities: [{ id: 'v2.a', state: true }] }, replace],
    [
      'body.entities[0].missingPermissions[0] is not a text',
      { entities: [{ id: 'v2.a', missingPermissions: [{}] }] },
      replace,
    ],
    ['body.entities[0].transports is not a list', { entities: [{ id: 'v2.a', transports: 'Websocket' }] }, topics],
  ])('%s in %j', async (what, body, call) => {
    const { channels, requests } = await service(always(200, body));
    const error = await failureOf(call(channels));
    expect(error).toBeInstanceOf(NetworkError);
    const { method, path } = requests[0]!;
    const shown = path.split('?')[0]!.replace('c-1', '{channelId}');
    expect(error.message).toBe(
      `The request ${method} ${shown} was answered with 200, but ${what}, as the platform documents it. Check apiUrl.`,
    );
  });
});
