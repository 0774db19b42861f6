import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  AuthError,
  NetworkError,
  RxFrameError,
  ScopeError,
  ThrottledError,
  TimeoutError,
  TlsError,
  UrlError,
} from '../../operators/errors.ts';
import { clientCredentials, type ClientCredentialsOptions } from '../../src/auth/client-credentials.ts';
import { selfSigned } from '../connection/certificate.ts';
import { give, tokenServer, type Answer, type TokenServer } from './token-server.ts';

const CLIENT_ID = 'the-client';
const SECRET = 'S3cret/with +äll?';
const TOKEN = 'T0k3n-that-nobody-should-see';
const FORM = new URLSearchParams({ '': SECRET }).toString().slice(1);
const BASIC = Buffer.from(`${CLIENT_ID}:${FORM}`).toString('base64');
const RAW_BASIC = Buffer.from(`${CLIENT_ID}:${SECRET}`).toString('base64');
const HIDDEN = [SECRET, FORM, encodeURIComponent(SECRET), BASIC, RAW_BASIC, TOKEN];

/** What a hostile or careless server sends back: all it was told, and a token. */
const ECHO = `${SECRET} ${FORM} ${BASIC} ${TOKEN}`;

beforeEach(() => {
  // No random part on top of the waits: what is counted here are requests.
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** All that a log could show of a thing. */
function shown(thing: unknown): string {
  const { stack = '', message = '', cause } = thing as Partial<Error>;
  return [
    inspect(thing, { showHidden: true, depth: Infinity, getters: true }),
    inspect(cause, { showHidden: true, depth: Infinity, getters: true }),
    JSON.stringify(thing),
    String(thing),
    message,
    stack,
  ].join('\n');
}

function expectNothingHidden(...things: unknown[]) {
  for (const thing of things) {
    for (const hidden of HIDDEN) expect(shown(thing)).not.toContain(hidden);
  }
}

/** The error of a token request, after a look at whether anything hidden is in it, or in the source. */
async function failureOf({ loginUrl }: Pick<TokenServer, 'loginUrl'>, options: Partial<ClientCredentialsOptions> = {}) {
  const source = clientCredentials({ loginUrl, clientId: CLIENT_ID, clientSecret: SECRET, ...options });
  const asked = source.token();
  expectNothingHidden(source, asked);
  const error: unknown = await asked.then(
    () => expect.fail('there should be no token'),
    (failure: unknown) => failure,
  );
  expectNothingHidden(source, error);
  expect(error).toBeInstanceOf(RxFrameError);
  expect(error).not.toHaveProperty('cause');
  return error as RxFrameError;
}

const always =
  (status: number, body: unknown = ECHO, headers: Record<string, string> = {}): Answer =>
  (response) =>
    give(response, status, body, headers);

describe('an answer that ends the matter: one request, and', () => {
  it.each([
    [400, { error: 'invalid_request' }, AuthError, { status: 400, oauthError: 'invalid_request' }],
    [
      401,
      { error: 'invalid_client', error_description: ECHO },
      AuthError,
      { status: 401, oauthError: 'invalid_client' },
    ],
    [401, { error: ECHO }, AuthError, { status: 401, oauthError: undefined }],
    [401, { error: `no client with ${FORM}` }, AuthError, { status: 401, oauthError: undefined }],
    [401, { error: `no client with ${encodeURIComponent(SECRET)}` }, AuthError, { status: 401, oauthError: undefined }],
    [401, { error: `no client with ${BASIC}` }, AuthError, { status: 401, oauthError: undefined }],
    [401, { error: 42 }, AuthError, { status: 401, oauthError: undefined }],
    [401, 'null', AuthError, { status: 401, oauthError: undefined }],
    [401, ECHO, AuthError, { status: 401, oauthError: undefined }],
    [401, ECHO.repeat(2_000), AuthError, { status: 401, oauthError: undefined }],
    [403, {}, AuthError, { status: 403, oauthError: undefined }],
    [422, {}, AuthError, { status: 422, oauthError: undefined }],
    [404, ECHO, UrlError, {}],
    [405, ECHO, UrlError, {}],
    [410, ECHO, UrlError, {}],
  ])('%i %.40j', async (status, body, type, facts) => {
    const server = await tokenServer(always(status, body));
    const error = await failureOf(server);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject(facts);
    expect(error.message).toContain(`${server.host} answered`);
    expect(error.message).toContain(String(status));
    expect(server.requests).toHaveLength(1);
  });

  it('an OAuth error with control characters or of great length is made printable', async () => {
    const escape = await failureOf(await tokenServer(always(401, { error: '\u001b[31mred\r\n' })));
    expect(escape).toMatchObject({ oauthError: '\ufffd[31mred\ufffd\ufffd' });
    const long = await failureOf(await tokenServer(always(401, { error: 'x'.repeat(5_000) })));
    expect(long).toMatchObject({ oauthError: `${'x'.repeat(199)}…` });
  });

  it('invalid_scope is told apart by what to do', async () => {
    const { message } = await failureOf(await tokenServer(always(400, { error: 'invalid_scope' })));
    expect(message).toMatch(/ answered 400 invalid_scope\. Check scopes, and that the client may have them\.$/);
  });

  it.each([301, 302, 307, 308])('a redirect with %i is not followed', async (status) => {
    const elsewhere = await tokenServer(always(200, { access_token: TOKEN, token_type: 'bearer' }));
    const server = await tokenServer(always(status, ECHO, { location: `${elsewhere.loginUrl}/oauth/token?${FORM}` }));
    const error = await failureOf(server);
    expect(error).toBeInstanceOf(UrlError);
    expect(error.message).toBe(
      `${server.host} answered the token request with ${status}, a redirect. Redirects are not followed: check loginUrl.`,
    );
    expect([server.requests.length, elsewhere.requests.length]).toEqual([1, 0]);
  });
});

describe('a success that holds no usable token: one request, and an AuthError that says', () => {
  const issued = { access_token: TOKEN, token_type: 'bearer' };
  it.each([
    ['with a body that is no JSON object', `<html>${ECHO}</html>`],
    ['with a body that is no JSON object', ''],
    ['with a body that is no JSON object', `"${TOKEN}"`],
    ['with a body that is no JSON object', 'null'],
    ['with a body too long for a token', { ...issued, more: 'x'.repeat(64 * 1024) }],
    ['without an access_token', { token: TOKEN }],
    ['without an access_token', { ...issued, access_token: '' }],
    ['without an access_token', { ...issued, access_token: [TOKEN] }],
    [
      'the access_token has characters that a bearer token cannot have',
      { ...issued, access_token: `${TOKEN}\r\nX: y` },
    ],
    ['the access_token has characters that a bearer token cannot have', { ...issued, access_token: `${TOKEN}\n` }],
    ['the access_token has characters that a bearer token cannot have', { ...issued, access_token: `${TOKEN} ü` }],
    ['the token_type is not bearer', { ...issued, token_type: `mac ${TOKEN}` }],
    ['the token_type is not bearer', { ...issued, token_type: 7 }],
  ])('%s: %.30j', async (what, body) => {
    const server = await tokenServer(always(200, body));
    const error = await failureOf(server);
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ status: 200, oauthError: undefined });
    expect(error.message).toBe(`Authentication failed: ${server.host} answered 200, but ${what}. Check loginUrl.`);
    expect(server.requests).toHaveLength(1);
  });

  it('what is missing, as a ScopeError, where it lacks a scope', async () => {
    const error = await failureOf(await tokenServer(always(200, { ...issued, scope: ECHO })));
    expect(error).toBeInstanceOf(ScopeError);
  });

  it('that an endless body is too long, and hangs up on it', async () => {
    const server = await tokenServer((response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    const error = await failureOf(server);
    expect(error.message).toContain('with a body too long for a token');
  });
});

describe('an answer that asks for patience', () => {
  it.each([
    [429, '0', ThrottledError, { status: 429, retryAfter: 0 }, 3],
    [429, 'Sun, 06 Nov 1994 08:49:37 GMT', ThrottledError, { status: 429, retryAfter: 0 }, 3],
    [503, '0', ThrottledError, { status: 503, retryAfter: 0 }, 3],
    [500, '0', ThrottledError, { status: 500, retryAfter: 0 }, 3],
    [429, '31', ThrottledError, { status: 429, retryAfter: 31_000 }, 1],
    [503, '3600', ThrottledError, { status: 503, retryAfter: 3_600_000 }, 1],
    [401, '0', AuthError, { status: 401 }, 1],
  ])('%i with Retry-After: %s', async (status, after, type, facts, requests) => {
    const server = await tokenServer(always(status, ECHO, { 'retry-after': after }));
    const error = await failureOf(server);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject(facts);
    expect(error.message).toContain(`${server.host} answered`);
    expect(server.requests).toHaveLength(requests);
  });

  it('by a date far ahead is not waited for', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const aboutAnHour = (wait: number) => wait > 3_500_000 && wait <= 3_600_000;
    const server = await tokenServer(always(429, ECHO, { 'retry-after': date }));
    const error = await failureOf(server);
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error).toHaveProperty('retryAfter', expect.toSatisfy(aboutAnHour));
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    [429, 'no date', ThrottledError, { status: 429, retryAfter: undefined }],
    [503, 'no date', NetworkError, {}],
  ])('%i with a Retry-After that is none is retried after a wait of our own', async (status, after, type, facts) => {
    const server = await tokenServer(always(status, ECHO, { 'retry-after': after }));
    const error = await failureOf(server, { attempts: 2 });
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject(facts);
    expect(server.requests).toHaveLength(2);
  });

  it('is retried as often as attempts says, and not at all with 1', async () => {
    const server = await tokenServer(always(429, ECHO, { 'retry-after': '0' }));
    await failureOf(server, { attempts: 5 });
    expect(server.requests).toHaveLength(5);
    await failureOf(server, { attempts: 1 });
    expect(server.requests).toHaveLength(6);
  });

  it('is followed by the token: 429, 500, then 200', async () => {
    const server = await tokenServer((response, nth) => {
      if (nth === 0) give(response, 429, ECHO, { 'retry-after': '0' });
      else if (nth === 1) give(response, 500, ECHO);
      else give(response, 200, { access_token: TOKEN, token_type: 'bearer', expires_in: 3600 });
    });
    const { loginUrl } = server;
    const source = clientCredentials({ loginUrl, clientId: CLIENT_ID, clientSecret: SECRET });
    expect(await source.token()).toBe(TOKEN);
    expect(await source.token()).toBe(TOKEN);
    expect(server.requests).toHaveLength(3);
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([`Basic ${BASIC}`]));
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
    expectNothingHidden(source);
  });
});

describe('a server that fails', () => {
  it.each([500, 502, 503, 504])('with %i is asked again, then a NetworkError names it', async (status) => {
    const server = await tokenServer(always(status));
    const error = await failureOf(server, { attempts: 2 });
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toBe(`${server.host} answered the token request with ${status}.`);
    expect(server.requests).toHaveLength(2);
  });

  it('by hanging up is asked again, then a NetworkError names the failure', async () => {
    const server = await tokenServer((response) => response.destroy());
    const error = await failureOf(server, { attempts: 2 });
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toBe(`The token request to ${server.host} failed: UND_ERR_SOCKET.`);
    expect(server.requests).toHaveLength(2);
  });

  it('by hanging up within the body is asked again', async () => {
    const server = await tokenServer((response, nth) => {
      if (nth > 0) {
        give(response, 200, { access_token: TOKEN });
        return;
      }
      response.writeHead(200, { 'content-length': '1000' });
      response.write(`{"access_token":"${TOKEN}`, () => response.destroy());
    });
    const { loginUrl } = server;
    expect(await clientCredentials({ loginUrl, clientId: CLIENT_ID, clientSecret: SECRET }).token()).toBe(TOKEN);
    expect(server.requests).toHaveLength(2);
  });

  it('by speaking no HTTP leaves nothing of what it said in the error', async () => {
    const server = await tokenServer((response) => response.socket?.end(`${ECHO}\r\n\r\n`));
    const error = await failureOf(server, { attempts: 1 });
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toMatch(/ failed: HPE_\w+\.$/);
  });

  it('by not being there is a NetworkError that names the system’s reason', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const error = await failureOf({ loginUrl: `http://127.0.0.1:${port}` }, { attempts: 1 });
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toBe(`The token request to 127.0.0.1:${port} failed: ECONNREFUSED.`);
  });

  it('by a certificate that does not verify is a TlsError at once, and gets no secret', async () => {
    const server = await tokenServer(always(200), selfSigned());
    const error = await failureOf(server);
    expect(error).toBeInstanceOf(TlsError);
    expect(error.message).toContain(`The certificate of ${server.host} does not verify (DEPTH_ZERO_SELF_SIGNED_CERT).`);
    expect(server.requests).toHaveLength(0);
  });
});

describe('a server that is too slow', () => {
  it.each<[string, Answer]>([
    ['does not answer', () => undefined],
    [
      'does not end its body',
      (response) => {
        response.writeHead(200);
        response.write(`{"access_token":"${TOKEN}`);
      },
    ],
    [
      'says that its body is compressed, and sends something else to the end of the connection,',
      (response) => response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n${TOKEN}`),
    ],
  ])('where it %s is hung up on, asked again, then a TimeoutError', async (_, answer) => {
    const server = await tokenServer(answer);
    const error = await failureOf(server, { attempts: 2, timeout: 100 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ during: 'token', timeout: 100 });
    expect(error.message).toBe(`${server.host} did not answer the token request within 100 ms.`);
    expect(server.requests).toHaveLength(2);
  });
});

it('shows neither secret nor token in the source that keeps them', async () => {
  const server = await tokenServer(always(200, { access_token: TOKEN, expires_in: 3600 }));
  const { loginUrl } = server;
  for (const credentialsIn of ['header', 'body'] as const) {
    const source = clientCredentials({ loginUrl, clientId: CLIENT_ID, clientSecret: SECRET, credentialsIn });
    expect(await source.token()).toBe(TOKEN);
    expectNothingHidden(source, ...Object.values<unknown>({ ...source }));
  }
});
