import { EMPTY, of, retry } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { AuthError, InsecureUrlError, UrlError } from '../../operators/errors.ts';
import type { TokenSource } from '../../src/auth/token-source.ts';
import type { ConnectOptions } from '../../src/connection/connect-options.ts';
import { connect } from '../../src/connection/connect.ts';
import { version } from '../../src/version.ts';
import { record, States } from './record.ts';
import { webSocketServer, type WebSocketEndpoint } from './servers.ts';

/** A server that takes the first subprotocol, and completes each connection. */
const completingServer = () => webSocketServer((webSocket) => webSocket.close(1000));

/** The headers of the request that a connection with these options makes. */
async function headersOf(server: WebSocketEndpoint, options: Omit<ConnectOptions, 'url'>) {
  const { ended } = record(connect({ ...options, url: server.url }));
  expect(await ended).toBe('complete');
  return server.requests.items.at(-1)?.headers;
}

/** Tokens that say how often they were asked for, and what was refused. */
class Tokens implements TokenSource {
  asked = 0;
  readonly refused: (string | undefined)[] = [];
  readonly token = (): Promise<string> => Promise.resolve(`token-${(this.asked += 1)}`);
  readonly invalidate = (token?: string): void => {
    this.refused.push(token);
  };
}

describe('the upgrade request', () => {
  it('says what it accepts and who asks, and no more: no token where there is none', async () => {
    const headers = await headersOf(await completingServer(), {});
    expect(headers).toMatchObject({ accept: 'application/json', 'user-agent': `rxframe/${version}` });
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('sec-websocket-protocol');
  });

  it('carries the bearer token, the headers of its own, and the subprotocols', async () => {
    const headers = await headersOf(await completingServer(), {
      token: 'abc.def-1~+/==',
      headers: { 'X-Trace': '7', accept: 'text/plain', 'user-agent': 'mine', authorization: 'Basic no' },
      protocols: ['v2.feed', 'v1.feed'],
    });
    expect(headers).toMatchObject({
      authorization: 'Bearer abc.def-1~+/==',
      'x-trace': '7',
      accept: 'text/plain',
      'user-agent': 'mine',
      'sec-websocket-protocol': 'v2.feed,v1.feed',
    });
  });

  it('goes to the path and query of the address', async () => {
    const server = await completingServer();
    await record(connect({ url: new URL(`${server.url}/deep?since=5&x=%20`) })).ended;
    expect(server.requests.items[0]?.url).toBe('/feed/deep?since=5&x=%20');
  });
});

describe('what an attempt is made of', () => {
  const ways = {
    'a function': (n: number) => `t${n}`,
    'a function with a promise': (n: number) => Promise.resolve(`t${n}`),
    'a function with a promise of another library': (n: number) =>
      ({ then: (resolve: (value: string) => void) => resolve(`t${n}`) }) as Promise<string>,
    'a function with an Observable, of which the first value counts': (n: number) => of(`t${n}`, 'too late'),
  };

  it.for(Object.entries(ways))('is asked for afresh at each attempt: %s', async ([, way]) => {
    const server = await completingServer();
    const asked = { url: 0, headers: 0, token: 0, protocols: 0 };
    const frames$ = connect({
      url: () => `${server.url}?n=${(asked.url += 1)}`,
      token: () => way((asked.token += 1)),
      protocols: () => way((asked.protocols += 1)),
      headers: () => ({ 'x-n': String((asked.headers += 1)) }),
    });
    expect(asked).toEqual({ url: 0, headers: 0, token: 0, protocols: 0 });
    for (const n of [1, 2]) {
      expect(await record(frames$).ended).toBe('complete');
      const request = server.requests.items[n - 1];
      expect(request?.url).toBe(`/feed?n=${n}`);
      expect(request?.headers).toMatchObject({
        authorization: `Bearer t${n}`,
        'sec-websocket-protocol': `t${n}`,
        'x-n': String(n),
      });
    }
    expect(asked).toEqual({ url: 2, headers: 2, token: 2, protocols: 2 });
  });

  it('is asked of a TokenSource each time, which hears nothing where the token was taken', async () => {
    const server = await completingServer();
    const token = new Tokens();
    const frames$ = connect({ url: server.url, token });
    await record(frames$).ended;
    await record(frames$).ended;
    expect(server.requests.items.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
    ]);
    expect(token.refused).toEqual([]);
  });

  it('opens a socket in the same turn where all of it is at hand', async () => {
    const { url } = await completingServer();
    const state = new States();
    record(connect({ url: () => url, token: () => 'now', state }));
    expect(state.statuses).toEqual(['connecting']);
  });

  const failing: Record<string, [Partial<ConnectOptions>, string]> = {
    'a function that throws': [
      {
        url: () => {
          throw new Error('no address today');
        },
      },
      'no address today',
    ],
    'a promise that rejects': [{ token: () => Promise.reject(new Error('no token today')) }, 'no token today'],
    'an Observable that gives nothing': [{ token: () => EMPTY }, 'no elements in sequence'],
    'a token that is none': [
      { token: () => undefined as unknown as string },
      'connect: token must be a bearer token (RFC 6750 section 2.1), got undefined',
    ],
    'a token with characters that a header must not have': [
      { token: () => 'a\r\nb' },
      'connect: token must be a bearer token (RFC 6750 section 2.1), and has other characters',
    ],
  };
  it.for(Object.entries(failing))('fails the stream, and opens no socket, with %s', async ([, [options, message]]) => {
    const server = await completingServer();
    const state = new States();
    const { ended } = record(connect({ url: server.url, state, ...options }));
    expect(await ended).toHaveProperty('message', message);
    expect(state.items).toEqual([]);
    expect(server.accepted.items).toEqual([]);
  });

  it('counts an error of the token endpoint as that of a connection that never opened', async () => {
    const { url } = await completingServer();
    const refused = new AuthError('login.example answered 401', 401, 'invalid_client');
    const token = () => new Promise<string>((_, reject) => setImmediate(reject, refused));
    expect(await record(connect({ url, token })).ended).toBe(refused);
    expect(refused.openFor).toBe(0);
  });
});

describe('a token', () => {
  it.for([401, 403])('is forgotten where the upgrade is answered with %d: the one that was used', async (status) => {
    const server = await webSocketServer(undefined, {
      verifyClient: (_, callback: (ok: boolean, code: number) => void) => callback(false, status),
    });
    const token = new Tokens();
    const error = await record(connect({ url: server.url, token })).ended;
    expect(error).toMatchObject({ code: 'ERR_AUTH', status, openFor: 0 });
    expect(token.refused).toEqual(['token-1']);
  });

  it('is forgotten before the stream fails, so that whoever tries again at once gets another', async () => {
    const server = await webSocketServer((webSocket) => webSocket.close(1000), {
      verifyClient: ({ req }, callback: (ok: boolean, code: number) => void) =>
        callback(req.headers.authorization !== 'Bearer token-1', 401),
    });
    const cache = new Tokens();
    let cached: string | undefined;
    const token: TokenSource = {
      token: async () => (cached ??= await cache.token()),
      invalidate: () => (cached = undefined),
    };
    expect(await record(connect({ url: server.url, token }).pipe(retry(1))).ended).toBe('complete');
    expect(cache.asked).toBe(2);
  });

  it('is kept at every other refusal', async () => {
    const server = await webSocketServer(undefined, {
      verifyClient: (_, callback: (ok: boolean, code: number) => void) => callback(false, 404),
    });
    const token = new Tokens();
    expect(await record(connect({ url: server.url, token })).ended).toMatchObject({ status: 404 });
    expect(token.refused).toEqual([]);
  });

  const refused = [
    'ws://example.org/feed',
    'ws://localhost.example.org/',
    'ws://a.localhost/',
    'ws://127.0.0.1.example.org/',
    'ws://192.168.1.1/',
    'ws://[::2]/',
  ];
  it.for(refused)('is refused at the call for %s', (url) => {
    expect(() => connect({ url, token: 'secret' })).toThrow(InsecureUrlError);
    expect(() => connect({ url: new URL(url), token: () => 'secret' })).toThrow(
      `connect: a token or a password is sent over wss:// or to loopback only, not to ws://${new URL(url).host}. Where the network in between is trusted, say allowInsecureToken: true.`,
    );
    expect(() => connect({ url })).not.toThrow();
    expect(() => connect({ url, token: 'secret', allowInsecureToken: true })).not.toThrow();
  });

  it.for([
    'wss://example.org/feed',
    'ws://localhost/',
    'ws://LOCALHOST:81/',
    'ws://127.9.9.9/',
    'ws://127.1/',
    'ws://[::1]/',
  ])('is allowed for %s', (url) => {
    expect(() => connect({ url, token: 'secret' })).not.toThrow();
  });

  it('is refused at the call, as a password in the address is too', () => {
    expect(() => connect({ url: 'ws://user:secret@example.org/' })).toThrow(InsecureUrlError);
    expect(() => connect({ url: 'ws://user:secret@example.org/', allowInsecureToken: true })).not.toThrow();
    expect(() => connect({ url: 'wss://user:secret@example.org/' })).not.toThrow();
  });

  it('is not even fetched for an address of a function that may not have it', async () => {
    const token = new Tokens();
    const { ended } = record(connect({ url: () => 'ws://example.invalid/feed', token }));
    expect(await ended).toBeInstanceOf(InsecureUrlError);
    expect(token.asked).toBe(0);
  });
});

describe('an address', () => {
  it.for([
    ['feed', 'connect: url must be an absolute address such as wss://host/path, and is not'],
    ['https://example.org/', 'connect: url must start with wss:// or ws://, got https://'],
    ['wss://example.org/#top', 'connect: url must have no fragment (RFC 6455 section 3)'],
  ] as const)('that is none fails at the call, and from a function at the attempt: %s', async ([url, message]) => {
    expect(() => connect({ url })).toThrow(UrlError);
    expect(() => connect({ url })).toThrow(message);
    const error = await record(connect({ url: () => url })).ended;
    expect(error).toBeInstanceOf(UrlError);
    expect(error).toHaveProperty('message', message);
  });
});

describe('subprotocols', () => {
  it.for([['not a token'], ['one', 'one'], ['']])(
    'that are no different tokens fail, and are not shown: %j',
    async (protocols) => {
      const message = 'connect: protocols must be different tokens (RFC 6455 section 4.1), and are not';
      expect(() => connect({ url: 'wss://example.org', protocols })).toThrow(new TypeError(message));
      const error = await record(connect({ url: 'wss://example.org', protocols: () => protocols })).ended;
      expect(error).toEqual(new TypeError(message));
    },
  );
});

describe('what a socket cannot be made with', () => {
  it.for([
    ['a header value with a line break', { headers: () => ({ 'x-key': 'a\r\nb' }) }],
    ['a header name that is no token', { headers: () => ({ 'x key': 'a' }) }],
  ] as const)('%s fails the stream, and reports closed with the cause', async ([, options]) => {
    const server = await completingServer();
    const state = new States();
    const error = await record(connect({ url: server.url, state, ...options })).ended;
    expect(error).toBeInstanceOf(Error);
    expect(state.statuses).toEqual(['connecting', 'closed']);
    expect(state.items[1]).toHaveProperty('cause', error);
    expect(server.accepted.items).toEqual([]);
  });
});
