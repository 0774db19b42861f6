import { afterEach, describe, expect, it, vi } from 'vitest';
import { AuthError, ScopeError } from '../../operators/errors.ts';
import { clientCredentials, type ClientCredentialsOptions } from '../../src/auth/client-credentials.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { version } from '../../src/version.ts';
import { give, issuing, tokenServer, type TokenServer } from './token-server.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The two functions of a source that asks that server. */
function source({ loginUrl }: TokenServer, options: Partial<ClientCredentialsOptions> = {}) {
  const made = clientCredentials({ loginUrl, clientId: 'my id', clientSecret: 'p:a%s+s&ü', ...options });
  return { token: () => made.token(), invalidate: (token?: string) => made.invalidate(token) };
}

/** The platform's monotonic clock, set by hand. */
function handClock() {
  const clock = { now: 1_000 };
  vi.spyOn(performance, 'now').mockImplementation(() => clock.now);
  return clock;
}

/** Waits for the request with that ordinal, which the server must not answer before. */
const reached = ({ requests }: TokenServer, count: number) => vi.waitFor(() => expect(requests).toHaveLength(count));

describe('the token request', () => {
  it('asks with HTTP Basic, each half form-encoded, and with the default scopes in a form', async () => {
    const server = await tokenServer(issuing());
    await expect(source(server).token()).resolves.toBe('token-0');
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/oauth/token',
      body: 'grant_type=client_credentials&scope=streaming%3Asubscribe+interaction%3Aread',
    });
    expect(request!.headers).toMatchObject({
      accept: 'application/json',
      'user-agent': `rxframe/${version}`,
      authorization: `Basic ${Buffer.from('my+id:p%3Aa%25s%2Bs%26%C3%BC').toString('base64')}`,
    });
    expect(request!.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded(;|$)/);
  });

  it('puts id and secret into the body instead where credentialsIn says so', async () => {
    const server = await tokenServer(issuing());
    await source(server, { credentialsIn: 'body', scopes: ['a', 'b:c'] }).token();
    const [request] = server.requests;
    expect(request!.headers).not.toHaveProperty('authorization');
    expect(Object.fromEntries(new URLSearchParams(request!.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b:c',
      client_id: 'my id',
      client_secret: 'p:a%s+s&ü',
    });
  });

  it('names no scope where none is asked for', async () => {
    const server = await tokenServer(issuing({ scope: 'whatever' }));
    await source(server, { scopes: [] }).token();
    expect(server.requests[0]!.body).toBe('grant_type=client_credentials');
  });

  it.each(['/tenants/7', '/tenants/7/'])('goes below the path of loginUrl %s', async (path) => {
    const server = await tokenServer(issuing());
    await source(server, { loginUrl: server.loginUrl + path }).token();
    expect(server.requests[0]!.path).toBe('/tenants/7/oauth/token');
  });

  it.each(['header', 'body'] as const)(
    'is understood by the simulator, credentials in the %s',
    async (credentialsIn) => {
      const credentials = { clientId: 'id:1 ü', clientSecret: 's/e%c+ret' };
      const simulator = await startSimulator(credentials);
      try {
        const { loginUrl } = simulator;
        await expect(clientCredentials({ ...credentials, loginUrl, credentialsIn }).token()).resolves.toMatch(
          /^.{43}$/,
        );
        const stranger = clientCredentials({ ...credentials, clientId: 'other', loginUrl, credentialsIn });
        await expect(stranger.token()).rejects.toMatchObject({ status: 401, oauthError: 'invalid_client' });
      } finally {
        await simulator.close();
      }
    },
  );
});

describe('a token', () => {
  it('is kept until 60 s before it expires', async () => {
    const clock = handClock();
    const server = await tokenServer(issuing({ expires_in: 100 }));
    const { token } = source(server);
    expect(await token()).toBe('token-0');
    clock.now += 39_999;
    expect(await token()).toBe('token-0');
    clock.now += 1;
    expect(await token()).toBe('token-1');
    expect(await token()).toBe('token-1');
    expect(server.requests).toHaveLength(2);
  });

  it('has its life counted from before it was asked for, not from when the answer came', async () => {
    const clock = handClock();
    const server = await tokenServer((response, nth, request) => {
      clock.now += 30_000;
      issuing({ expires_in: 100 })(response, nth, request);
    });
    const { token } = source(server);
    await token();
    clock.now += 10_000;
    expect(await token()).toBe('token-1');
  });

  it.each([
    ['has no expires_in', {}],
    ['has an expires_in that is no number', { expires_in: '3600' }],
    ['lives for 60 s', { expires_in: 60 }],
    ['has expired', { expires_in: -1 }],
  ])('is not kept where it %s', async (_, members) => {
    const { token } = source(await tokenServer(issuing(members)));
    expect([await token(), await token()]).toEqual(['token-0', 'token-1']);
  });

  it.each(['Bearer', 'bearer', undefined])('is taken with the token_type %s', async (token_type) => {
    const server = await tokenServer((response) =>
      give(response, 200, { access_token: 'a.b-c_d~e+f/g==', token_type }),
    );
    expect(await source(server).token()).toBe('a.b-c_d~e+f/g==');
  });
});

describe('callers at the same time', () => {
  it('share one request', async () => {
    const server = await tokenServer(issuing({}));
    const { token } = source(server);
    expect(await Promise.all([token(), token(), token()])).toEqual(['token-0', 'token-0', 'token-0']);
    expect(server.requests).toHaveLength(1);
  });

  it('share its failure, and the next caller asks anew', async () => {
    const server = await tokenServer((response, nth, request) =>
      nth === 0 ? give(response, 401, {}) : issuing()(response, nth, request),
    );
    const { token } = source(server);
    const outcomes = await Promise.allSettled([token(), token()]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    expect(server.requests).toHaveLength(1);
    expect(await token()).toBe('token-1');
    expect(await token()).toBe('token-1');
  });
});

describe('invalidate', () => {
  it('forgets the token that is kept', async () => {
    const { token, invalidate } = source(await tokenServer(issuing()));
    await token();
    invalidate();
    expect(await token()).toBe('token-1');
    invalidate('token-1');
    expect(await token()).toBe('token-2');
    expect(await token()).toBe('token-2');
  });

  it('keeps a newer token than the one that was refused', async () => {
    const { token, invalidate } = source(await tokenServer(issuing()));
    invalidate(await token());
    expect(await token()).toBe('token-1');
    invalidate('token-0');
    expect(await token()).toBe('token-1');
  });

  it('lets a request under way be shared still where an older token was refused twice', async () => {
    const server = await tokenServer(issuing());
    const { token, invalidate } = source(server);
    const old = await token();
    invalidate(old);
    const first = token();
    invalidate(old);
    expect(await Promise.all([first, token()])).toEqual(['token-1', 'token-1']);
    expect(await token()).toBe('token-1');
    expect(server.requests).toHaveLength(2);
  });

  it('without a token keeps a request under way from being shared or kept, and its callers get their answer', async () => {
    const answers: (() => void)[] = [];
    const server = await tokenServer((...answer) => answers.push(() => issuing()(...answer)));
    const { token, invalidate } = source(server);
    const before = token();
    await reached(server, 1);
    invalidate();
    const after = token();
    await reached(server, 2);

    answers[1]!();
    expect(await after).toBe('token-1');
    answers[0]!();
    expect(await before).toBe('token-0');
    expect(await token()).toBe('token-1');
  });

  it('without a token leaves the next request alone when the one before it ends first', async () => {
    const answers: (() => void)[] = [];
    const server = await tokenServer((...answer) => answers.push(() => issuing()(...answer)));
    const { token, invalidate } = source(server);
    const before = token();
    await reached(server, 1);
    invalidate();
    const after = token();
    await reached(server, 2);

    answers[0]!();
    expect(await before).toBe('token-0');
    const shared = token();
    answers[1]!();
    expect(await Promise.all([after, shared])).toEqual(['token-1', 'token-1']);
    expect(server.requests).toHaveLength(2);
  });

  it('before any token was asked for does nothing', async () => {
    const { token, invalidate } = source(await tokenServer(issuing()));
    invalidate();
    invalidate('no such token');
    expect(await token()).toBe('token-0');
  });
});

describe('the scopes', () => {
  it('are taken as granted where the answer names them all, or none at all', async () => {
    const named = await tokenServer(issuing({ scope: 'extra interaction:read streaming:subscribe' }));
    await expect(source(named).token()).resolves.toBe('token-0');
    const silent = await tokenServer(issuing({}));
    await expect(source(silent).token()).resolves.toBe('token-0');
  });

  it.each([
    ['streaming:subscribe', ['interaction:read']],
    ['streaming:subscribes interaction', ['streaming:subscribe', 'interaction:read']],
    ['', ['streaming:subscribe', 'interaction:read']],
  ])('that are missing in "%s" are named by an error, with no second try', async (scope, missing) => {
    const server = await tokenServer(issuing({ scope, expires_in: 3600 }));
    const { token } = source(server);
    const error = await token().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ScopeError);
    expect(error).toMatchObject({ code: 'ERR_SCOPE', missing });
    expect((error as ScopeError).message).toBe(
      `${server.host} did not grant ${missing.join(' ')}. Check the roles and scopes of the OAuth client.`,
    );
    expect(server.requests).toHaveLength(1);
    await expect(token()).rejects.toBeInstanceOf(ScopeError);
    expect(server.requests).toHaveLength(2);
  });
});

describe('the time limit of a request', () => {
  it('leaves no timer behind when the answer has come', async () => {
    const set = vi.spyOn(globalThis, 'setInterval');
    const cleared = vi.spyOn(globalThis, 'clearInterval');
    await source(await tokenServer(issuing()), { timeout: 12_345 }).token();
    const limits = set.mock.results.filter((_, index) => set.mock.calls[index]![1] === 12_345);
    expect(limits).toHaveLength(1);
    expect(cleared.mock.calls.flat()).toContain(limits[0]!.value);
  });
});

describe('an option that is not allowed', () => {
  const good = { loginUrl: 'https://login.example', clientId: 'id', clientSecret: 'hidden' };
  it.each([
    [
      { loginUrl: 'login.example' },
      'UrlError',
      'loginUrl must be an absolute address such as https://host, and is not',
    ],
    [
      { loginUrl: 'wss://login.example' },
      'UrlError',
      'loginUrl must start with https:// (or http:// on loopback), got wss:',
    ],
    [{ loginUrl: 'https://a:hidden@b' }, 'UrlError', 'loginUrl must have no user, password, query or fragment'],
    [{ loginUrl: 'https://b?key=hidden' }, 'UrlError', 'loginUrl must have no user, password, query or fragment'],
    [
      { loginUrl: 'http://login.example' },
      'InsecureUrlError',
      'the secret is sent over https:// or to loopback only, not to http://login.example',
    ],
    [{ loginUrl: undefined }, 'TypeError', 'loginUrl must be a non-empty string, got undefined'],
    [{ clientId: '' }, 'RangeError', 'clientId must be a non-empty string, got ""'],
    [{ clientSecret: 12_345 }, 'TypeError', 'clientSecret must be a non-empty string, got number'],
    [{ scopes: 'a b' }, 'TypeError', 'scopes must be an array of strings, got "a b"'],
    [
      { scopes: ['a', 'b c'] },
      'RangeError',
      'scopes[1] must be a scope, in printable ASCII without space, quote and backslash, got "b c"',
    ],
    [
      { scopes: [7] },
      'TypeError',
      'scopes[0] must be a scope, in printable ASCII without space, quote and backslash, got 7',
    ],
    [{ credentialsIn: 'query' }, 'RangeError', 'credentialsIn must be one of "header", "body", got "query"'],
    [{ attempts: 0 }, 'RangeError', 'attempts must be a positive integer, got 0'],
    [{ timeout: -1 }, 'RangeError', 'timeout must be a number of milliseconds, above 0 and at most 2147483647, got -1'],
  ])('%j fails at the call', (wrong, name, message) => {
    const call = () => clientCredentials({ ...good, ...wrong } as ClientCredentialsOptions);
    expect(call).toThrow(expect.objectContaining({ name, message: `clientCredentials: ${message}` }));
  });

  it('under an unknown name fails at the call, and names those there are', () => {
    expect(() => clientCredentials({ ...good, secret: 'hidden' } as ClientCredentialsOptions)).toThrow(
      new TypeError(
        'clientCredentials: there is no option "secret"; there are loginUrl, clientId, clientSecret, scopes, credentialsIn, attempts, timeout, fetch, scheduler',
      ),
    );
  });

  it.each(['https://login.example', 'http://localhost:1', 'http://127.0.0.1', 'http://[::1]'])(
    'is not the loginUrl %s',
    (loginUrl) => {
      expect(clientCredentials({ ...good, loginUrl })).toHaveProperty('token');
    },
  );
});

it('fails with an AuthError that says what to do where the client is refused', async () => {
  const server = await tokenServer((response) => give(response, 401, { error: 'invalid_client' }));
  const error = await source(server)
    .token()
    .catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(AuthError);
  expect((error as AuthError).message).toBe(
    `Authentication failed: ${server.host} answered 401 invalid_client. Check clientId and clientSecret, and that the client may use the client credentials grant.`,
  );
});
