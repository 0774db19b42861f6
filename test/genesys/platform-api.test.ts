import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { lastValueFrom, of, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, AuthError, NetworkError, ThrottledError, TimeoutError, UrlError } from '../../operators/errors.ts';
import { clientCredentials } from '../../src/auth/client-credentials.ts';
import { platformApi, type PlatformApiOptions } from '../../src/genesys/platform-api.ts';
import { apiUrl } from '../../src/genesys/regions.ts';
import { FakeTokens } from '../../src/testing/fake-tokens.ts';
import { version } from '../../src/version.ts';
import { give, issuing, tokenServer, type Answer } from '../auth/token-server.ts';
import { HandClock } from '../connection/hand-clock.ts';
import { Log } from '../connection/log.ts';
import { settle } from '../connection/servers.ts';
import { apiClient, failureOf, TOKEN, waits } from './api-client.ts';

beforeEach(() => {
  // No random part on top of the waits, whose times are looked at.
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const GET = { method: 'GET', path: '/api/v2/things' } as const;
const POST = { method: 'POST', path: '/api/v2/things' } as const;
const OK: Answer = (response) => give(response, 200, {});

const always =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}): Answer =>
  (response) =>
    give(response, status, body, headers);

/** Each answer once, the last of them for ever. */
const inTurn =
  (...answers: Answer[]): Answer =>
  (response, nth, request) =>
    answers[Math.min(nth, answers.length - 1)]!(response, nth, request);

/** Keeps the answers, to be given by the test. */
function holding() {
  const held = new Log<ServerResponse>();
  const answer: Answer = (response) => held.next(response);
  return { held, answer };
}

describe('a request', () => {
  it('has a token, a correlation id, and says who we are and that we take JSON', async () => {
    const { api, requests } = await apiClient(OK);
    await lastValueFrom(api.call(GET));
    expect(requests).toMatchObject([{ method: 'GET', path: '/api/v2/things', body: '' }]);
    expect(requests[0]!.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      accept: 'application/json',
      'user-agent': `rxframe/${version}`,
      'inin-correlation-id': expect.stringMatching(UUID) as unknown,
    });
    expect(requests[0]!.headers).not.toHaveProperty('content-type');
  });

  it('has its ids and its query encoded, and its body as JSON', async () => {
    const { api, requests } = await apiClient(OK);
    const query = { ignoreErrors: 'true', of: 'a&b c' };
    const ids = { of: 'a/../b?', part: '{of}' };
    const path = '/api/v2/things/{of}/parts/{part}';
    await lastValueFrom(api.call({ method: 'PUT', path, ids, query, body: [{ id: 'ü' }] }));
    expect(requests).toMatchObject([
      {
        method: 'PUT',
        path: '/api/v2/things/a%2F..%2Fb%3F/parts/%7Bof%7D?ignoreErrors=true&of=a%26b+c',
        body: '[{"id":"ü"}]',
      },
    ]);
    expect(requests[0]!.headers['content-type']).toBe('application/json');
  });

  it.each(['/proxy', '/proxy/'])('goes below the path of apiUrl %s, and to its host only', async (path) => {
    const { loginUrl, requests } = await tokenServer(OK);
    const api = platformApi({ apiUrl: loginUrl + path, token: TOKEN });
    await lastValueFrom(api.call({ method: 'GET', path: '//elsewhere.example/?a#b' }));
    expect(requests.map((request) => request.path)).toEqual(['/proxy//elsewhere.example/%3Fa%23b']);
  });

  it('that has no id for a name in its path is an error at the call', async () => {
    const { api } = await apiClient(OK);
    const call = (ids?: Record<string, string>) => () =>
      api.call({ ...GET, path: '/api/v2/{of}', ...(ids && { ids }) });
    expect(call()).toThrow(new TypeError('request GET /api/v2/{of}: of must be an id, got undefined'));
    expect(call({ of: '..' })).toThrow(new RangeError('request GET /api/v2/{of}: of must be an id, got ".."'));
  });

  it('is made when it is subscribed to, and each time anew', async () => {
    const { api, requests } = await apiClient(OK);
    const call$ = api.call(GET);
    expect(requests).toHaveLength(0);
    await Promise.all([lastValueFrom(call$), lastValueFrom(call$)]);
    expect(new Set(requests.map(({ headers }) => headers['inin-correlation-id'])).size).toBe(2);
  });

  it.each<[string, PlatformApiOptions['token']]>([
    ['a function', () => TOKEN],
    ['a function that gives a promise', () => Promise.resolve(TOKEN)],
    ['a function that gives an Observable', () => of(TOKEN)],
    ['a source', { token: () => of(TOKEN), invalidate: () => undefined }],
    ['the end of a source', { token: () => of('an-older-one', TOKEN), invalidate: () => undefined }],
  ])('takes its token from %s', async (_, token) => {
    const { api, requests } = await apiClient(OK, { token });
    await lastValueFrom(api.call(GET));
    expect(requests[0]!.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it('is sent by the fetch that is given', async () => {
    const sent: Request[] = [];
    const fetch: typeof globalThis.fetch = (input) => {
      sent.push(input as Request);
      return Promise.resolve(Response.json({ from: 'afar' }));
    };
    const api = platformApi({ apiUrl: 'https://api.example', token: TOKEN, fetch });
    expect(await lastValueFrom(api.call(GET))).toEqual({ status: 200, body: { from: 'afar' } });
    expect(sent.map(({ url }) => url)).toEqual(['https://api.example/api/v2/things']);
  });
});

describe('an answer', () => {
  it.each([
    ['JSON', 200, '{"a":[1]}', { a: [1] }],
    ['no body', 204, '', undefined],
    ['a body that is JSON but no object', 202, 'null', null],
  ])('with %s is given with its status', async (_, status, sent, body) => {
    const { api } = await apiClient(always(status, sent));
    expect(await lastValueFrom(api.call(GET))).toEqual({ status, body });
  });

  it('of up to 4 MiB is read', async () => {
    const long = 'x'.repeat(4 * 1024 * 1024 - 2);
    const { api } = await apiClient(always(200, `"${long}"`));
    expect(await lastValueFrom(api.call(GET))).toEqual({ status: 200, body: long });
  });

  it.each([
    ['a body that is no JSON', `<html>${TOKEN}</html>`],
    ['a body of more than 4194304 bytes', `"${'x'.repeat(4 * 1024 * 1024 - 1)}"`],
  ])('with %s is a NetworkError that shows nothing of it', async (what, body) => {
    const { api, host, calls } = await apiClient(always(200, body));
    const error = await failureOf(api.call(POST));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toBe(
      `${host} answered the request POST /api/v2/things with 200, but with ${what} (correlation id ${calls.items[0]!.correlationId}). Check apiUrl.`,
    );
  });
});

describe('a refusal', () => {
  const body = {
    message: 'You are missing the following permission(s): notifications:channel:add.',
    code: 'missing.permissions',
    contextId: 'c-1',
    status: 403,
  };

  it('is an ApiError with what the platform says', async () => {
    const { api, host, requests } = await apiClient(always(403, body, { 'inin-correlation-id': 'theirs' }));
    const error = await failureOf(api.call(POST));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      name: 'ApiError',
      code: 'ERR_API',
      status: 403,
      platformCode: 'missing.permissions',
      contextId: 'c-1',
      correlationId: 'theirs',
      message: `${host} answered the request POST /api/v2/things with 403 missing.permissions: You are missing the following permission(s): notifications:channel:add (correlation id theirs).`,
    });
    expect(requests).toHaveLength(1);
  });

  it.each([400, 402, 404, 405, 409, 413, 415, 422])('with %i is one, after one request', async (status) => {
    const { api, requests } = await apiClient(always(status, body));
    expect(await failureOf(api.call(GET))).toMatchObject({ code: 'ERR_API', status, contextId: 'c-1' });
    expect(requests).toHaveLength(1);
  });

  it.each([
    ['no body', ''],
    ['a body that is no JSON', '<html>'],
    ['a list', '[]'],
    ['null', 'null'],
    ['members that are no texts', '{"code":404,"message":{"a":1},"contextId":[],"status":"x"}'],
    ['empty members', '{"code":"","message":"","contextId":""}'],
    ['our token', JSON.stringify({ code: TOKEN, message: `bad token ${TOKEN}`, contextId: `Bearer ${TOKEN}` })],
    ['a body that is too long', `"${'x'.repeat(4 * 1024 * 1024)}"`],
  ])('with %s says its status, and the id that was sent', async (_, told) => {
    const { api, host, calls } = await apiClient(always(404, told, { 'inin-correlation-id': `id of ${TOKEN}` }));
    const error = await failureOf(api.call(GET));
    const [{ correlationId } = { correlationId: 'none' }] = calls.items;
    expect(error).toMatchObject({ status: 404, platformCode: undefined, contextId: undefined, correlationId });
    expect(error.message).toBe(
      `${host} answered the request GET /api/v2/things with 404 (correlation id ${correlationId}).`,
    );
  });

  it('is made one printable line of bounded length', async () => {
    const hostile = { code: 'a\r\nb', message: `\u001b[31m\u202e${'x'.repeat(5_000)}`, contextId: 'c\u0000' };
    const { api } = await apiClient(always(400, hostile));
    const error = await failureOf(api.call(GET));
    expect(error).toMatchObject({ platformCode: 'a\ufffd\ufffdb', contextId: 'c\ufffd' });
    expect(error.message).toContain(' with 400 a\ufffd\ufffdb: \ufffd[31m\ufffdxxx');
    expect(error.message.length).toBeLessThan(500);
  });

  it.each([301, 307])('with %i, a redirect, is not followed', async (status) => {
    const elsewhere = await tokenServer(OK);
    const { api, host } = await apiClient(always(status, {}, { location: elsewhere.loginUrl }));
    const error = await failureOf(api.call(GET));
    expect(error).toBeInstanceOf(UrlError);
    expect(error.message).toBe(
      `${host} answered the request GET /api/v2/things with ${status}, a redirect. Redirects are not followed: check apiUrl.`,
    );
    expect(elsewhere.requests).toHaveLength(0);
  });
});

describe('401', () => {
  const byToken =
    (good: string): Answer =>
    (response, nth, { headers }) =>
      give(response, headers.authorization === `Bearer ${good}` ? 200 : 401, { code: 'bad.credentials' });

  it('has the token invalidated, and the call repeated once with a new one, POST too', async () => {
    const token = new FakeTokens();
    const { api, requests, calls } = await apiClient(byToken('token-2'), { token, attempts: 1 });
    expect(await lastValueFrom(api.call(POST))).toMatchObject({ status: 200 });
    expect(token.invalidated).toEqual(['token-1']);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(new Set(requests.map(({ headers }) => headers['inin-correlation-id'])).size).toBe(1);
    expect(calls.items).toMatchObject([
      { status: 401, failure: 'ERR_AUTH', attempt: 1 },
      { status: 200, failure: undefined, attempt: 2 },
    ]);
  });

  it('twice is an AuthError, and both tokens are invalidated', async () => {
    const token = new FakeTokens();
    const { api, host, requests, calls } = await apiClient(byToken('none'), { token });
    const error = await failureOf(api.call(GET));
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({
      status: 401,
      message: `Authentication failed: ${host} answered the request GET /api/v2/things with 401 bad.credentials (correlation id ${calls.items[0]!.correlationId}). Check that the token has not expired, and is one of this region.`,
    });
    expect(token.invalidated).toEqual(['token-1', 'token-2']);
    expect(requests).toHaveLength(2);
  });

  it('asks a function for another token, and ends the matter where the token is fixed', async () => {
    let asked = 0;
    const token = () => `token-${(asked += 1)}`;
    const { api } = await apiClient(byToken('token-2'), { token });
    expect(await lastValueFrom(api.call(GET))).toMatchObject({ status: 200 });
    const fixed = await apiClient(byToken('none'));
    expect(await failureOf(fixed.api.call(GET))).toBeInstanceOf(AuthError);
    expect(fixed.requests).toHaveLength(1);
  });

  it('costs no attempt', async () => {
    const token = new FakeTokens();
    const answer = inTurn(always(401), always(429, {}, { 'retry-after': '0' }), always(404));
    const { api, requests } = await apiClient(answer, { token, attempts: 2 });
    expect(await failureOf(api.call(GET))).toMatchObject({ status: 404 });
    expect(requests).toHaveLength(3);
  });
});

describe('a token that can not be had', () => {
  it.each([
    ['refused', new AuthError('no such client', 401, 'invalid_client')],
    ['not answered', new NetworkError('no route')],
    ['throttled', new ThrottledError('slow down', 429, 1_000)],
  ])(
    'because the request for it was %s is the call’s error as it is, with no request and no second try',
    async (_, failure) => {
      let asked = 0;
      const invalidate = vi.fn();
      const token = () => {
        asked += 1;
        return throwError(() => failure);
      };
      const { api, requests, clock } = await apiClient(OK, { token: { token, invalidate } });
      expect(await failureOf(api.call(GET))).toBe(failure);
      expect([asked, requests, waits(clock)]).toEqual([1, [], []]);
      expect(invalidate).not.toHaveBeenCalled();
    },
  );

  it('because it is none is a TypeError that does not show it', async () => {
    const { api } = await apiClient(OK, { token: () => 'a secret\r\nX: y' });
    expect(await failureOf(api.call(GET))).toEqual(
      new TypeError('platformApi: token must be a bearer token (RFC 6750 section 2.1), and has other characters'),
    );
  });

  it('gives the call’s turn up to the next', async () => {
    const answer = always(
      200,
      {},
      { 'inin-ratelimit-count': '1', 'inin-ratelimit-allowed': '2', 'inin-ratelimit-reset': '60' },
    );
    let asked = 0;
    const token = () => ((asked += 1) === 2 ? Promise.reject(new Error('no token')) : Promise.resolve(TOKEN));
    const { api } = await apiClient(answer, { token });
    await lastValueFrom(api.call(GET));
    const [failed, later] = [failureOf(api.call(GET)), lastValueFrom(api.call(GET))];
    expect(await failed).toEqual(new Error('no token'));
    expect(await later).toMatchObject({ status: 200 });
  });
});

describe('a server that fails', () => {
  it.each(['GET', 'HEAD', 'PUT', 'DELETE'] as const)('is asked again for %s, with backoff', async (method) => {
    const { api, requests, clock, calls } = await apiClient(inTurn(always(503), always(502), OK));
    const answered = lastValueFrom(api.call({ ...GET, method }));
    await calls.until(1);
    expect(waits(clock)).toEqual([250]);
    clock.advance(250);
    await calls.until(2);
    expect(waits(clock)).toEqual([500]);
    clock.advance(500);
    expect(await answered).toMatchObject({ status: 200 });
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ headers }) => headers['inin-correlation-id'])).size).toBe(1);
    expect(calls.items.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 503],
      [2, 502],
      [3, 200],
    ]);
    expect(waits(clock)).toEqual([]);
  });

  it('is asked as often as attempts says; then its last answer is the error', async () => {
    const { api, host, requests, clock, calls } = await apiClient(
      always(500, { code: 'internal.server.error', message: 'Sorry.' }),
      { attempts: 2 },
    );
    const failed = failureOf(api.call(GET));
    await calls.until(1);
    clock.advance(250);
    const error = await failed;
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.message).toBe(
      `${host} answered the request GET /api/v2/things with 500 internal.server.error: Sorry (correlation id ${calls.items[0]!.correlationId}).`,
    );
    expect(requests).toHaveLength(2);
  });

  it.each<[string, Answer, number | undefined]>([
    ['408', always(408), 408],
    ['500', always(500), 500],
    ['502', always(502), 502],
    ['503', always(503), 503],
    ['504', always(504), 504],
    ['503 and Retry-After', always(503, {}, { 'retry-after': '0' }), 503],
    ['a hang-up', (response) => response.destroy(), undefined],
  ])('with %s is not asked again for POST, and is for GET', async (_, answer, status) => {
    const { api, requests, clock, calls } = await apiClient(answer, { attempts: 2 });
    expect(await failureOf(api.call(POST))).toHaveProperty('code');
    expect(requests).toHaveLength(1);
    expect(calls.items).toMatchObject([{ method: 'POST', status, attempt: 1 }]);
    clock.advance(60_000);
    const failed = failureOf(api.call(GET));
    await calls.until(2);
    clock.advance(250);
    await failed;
    expect(requests).toHaveLength(3);
  });

  it('by hanging up is a NetworkError that names the request', async () => {
    const { api, host } = await apiClient((response) => response.destroy(), { attempts: 1 });
    expect((await failureOf(api.call(GET))).message).toBe(
      `The request GET /api/v2/things to ${host} failed: UND_ERR_SOCKET.`,
    );
  });

  it.each<[string, Answer]>([
    ['does not answer', () => undefined],
    [
      'does not end its body',
      (response) => {
        response.writeHead(200);
        response.write('{"a":');
      },
    ],
  ])('where it %s in time is hung up on, then asked again, then a TimeoutError', async (_, answer) => {
    const { held, answer: hold } = holding();
    const both: Answer = (response, nth, request) => {
      answer(response, nth, request);
      hold(response, nth, request);
    };
    const { api, host, clock, calls } = await apiClient(both, { attempts: 2, timeout: 5_000 });
    const failed = failureOf(api.call(GET));
    const response = await held.until(1);
    clock.advance(4_999);
    await turn();
    expect(calls.items).toHaveLength(0);
    const closed = once(response, 'close');
    clock.advance(1);
    await closed;
    await calls.until(1);
    clock.advance(250);
    await held.until(2);
    clock.advance(5_000);
    const error = await failed;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ during: 'request', timeout: 5_000 });
    expect(error.message).toBe(`${host} did not answer the request GET /api/v2/things within 5000 ms.`);
    expect(calls.items).toMatchObject([
      { status: undefined, failure: 'ERR_TIMEOUT', duration: 5_000 },
      { status: undefined, failure: 'ERR_TIMEOUT', duration: 5_000 },
    ]);
  });
});

describe('429', () => {
  const throttled = (after?: string) => always(429, {}, after === undefined ? {} : { 'retry-after': after });

  it('pauses all calls of the client, and is repeated then, POST too', async () => {
    const { api, requests, clock, calls } = await apiClient(inTurn(throttled('3'), OK));
    const first = lastValueFrom(api.call(POST));
    await calls.until(1);
    const second = lastValueFrom(api.call({ method: 'DELETE', path: '/second' }));
    expect(waits(clock)).toEqual([3_000]);
    clock.advance(2_999);
    expect(waits(clock)).toEqual([1]);
    clock.advance(1);
    expect(await Promise.all([first, second])).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'DELETE']);
    expect(waits(clock)).toEqual([]);
  });

  it('keeps the order of the calls, those repeated first', async () => {
    const { held, answer } = holding();
    const { api, requests, clock, calls } = await apiClient(answer);
    const call = (path: string) => api.call({ method: 'POST', path }).subscribe({ error: () => undefined });
    call('/a');
    call('/b');
    await held.until(2);
    give(held.items[1]!, 429, {}, { 'retry-after': '1' });
    await calls.until(1);
    call('/c');
    call('/d');
    give(held.items[0]!, 429, {}, { 'retry-after': '1' });
    await calls.until(2);
    // Each of the connections that are kept open may be faster than another: what counts is when the calls begin.
    const sent: string[] = [];
    vi.spyOn(globalThis, 'fetch').mockImplementation((input) => {
      sent.push(new URL((input as Request).url).pathname);
      return Promise.resolve(Response.json({}));
    });
    clock.advance(1_000);
    await calls.until(6);
    expect(sent).toEqual(['/a', '/b', '/c', '/d']);
    expect(requests).toHaveLength(2);
  });

  it('leaves out a call that is given up while it waits, and leaves no timer', async () => {
    const { api, requests, clock, calls } = await apiClient(throttled('3'));
    const refused = api.call(POST).subscribe();
    await calls.until(1);
    const waiting = api.call(GET).subscribe();
    expect(waits(clock)).toEqual([3_000]);
    waiting.unsubscribe();
    refused.unsubscribe();
    expect(waits(clock)).toEqual([]);
    clock.advance(60_000);
    await turn();
    expect(requests).toHaveLength(1);
  });

  it('as often as attempts says is a ThrottledError', async () => {
    const { api, host, requests, clock, calls } = await apiClient(throttled('2'), { attempts: 2 });
    const failed = failureOf(api.call(POST));
    await calls.until(1);
    clock.advance(2_000);
    const error = await failed;
    expect(error).toBeInstanceOf(ThrottledError);
    expect(error).toMatchObject({ status: 429, retryAfter: 2_000 });
    expect(error.message).toBe(
      `${host} answered the request POST /api/v2/things with 429 (correlation id ${calls.items[0]!.correlationId}). It asks to wait 2 s.`,
    );
    expect(requests).toHaveLength(2);
  });

  it('that was the last attempt of one call still pauses the others', async () => {
    const { api, clock } = await apiClient(inTurn(throttled('2'), OK), { attempts: 1 });
    expect(await failureOf(api.call(POST))).toBeInstanceOf(ThrottledError);
    const next = lastValueFrom(api.call(GET));
    expect(waits(clock)).toEqual([2_000]);
    clock.advance(2_000);
    expect(await next).toMatchObject({ status: 200 });
  });

  it('with no time pauses for a time of our own, which grows', async () => {
    const { api, clock, calls } = await apiClient(inTurn(throttled(), throttled(), OK));
    const answered = lastValueFrom(api.call(POST));
    await calls.until(1);
    expect(waits(clock)).toEqual([250]);
    clock.advance(250);
    await calls.until(2);
    expect(waits(clock)).toEqual([500]);
    clock.advance(500);
    expect(await answered).toMatchObject({ status: 200 });
  });

  it('is avoided where an answer says that the limit is reached', async () => {
    const counted = (count: number): Answer =>
      always(
        200,
        {},
        {
          'inin-ratelimit-count': `${count}`,
          'inin-ratelimit-allowed': '300',
          'inin-ratelimit-reset': '42',
        },
      );
    const { api, requests, clock } = await apiClient(inTurn(counted(299), counted(300), OK));
    await lastValueFrom(api.call(GET));
    await lastValueFrom(api.call(GET));
    const third = lastValueFrom(api.call(GET));
    expect(waits(clock)).toEqual([42_000]);
    clock.advance(42_000);
    await third;
    expect(requests).toHaveLength(3);
  });

  it.each([500, 503])('is not the only one that may ask to wait: %i, too, pauses all calls', async (status) => {
    const { api, requests, clock, calls } = await apiClient(always(status, {}, { 'retry-after': '7' }), {
      attempts: 2,
    });
    const repeated = failureOf(api.call(GET));
    await calls.until(1);
    const other = failureOf(api.call(POST));
    expect(waits(clock)).toEqual([7_000]);
    clock.advance(7_000);
    for (const error of await Promise.all([repeated, other])) {
      expect(error).toBeInstanceOf(ThrottledError);
      expect(error).toMatchObject({ status, retryAfter: 7_000 });
    }
    expect(requests.map(({ method }) => method).sort()).toEqual(['GET', 'GET', 'POST']);
  });

  it('of one client is no affair of another', async () => {
    const server = await tokenServer(inTurn(throttled('3'), OK));
    const [one, other] = [0, 1].map(() => platformApi({ apiUrl: server.loginUrl, token: TOKEN, attempts: 1 }));
    await failureOf(one!.call(GET));
    expect(await lastValueFrom(other!.call(GET))).toMatchObject({ status: 200 });
  });
});

describe('unsubscribing', () => {
  it('hangs up on the request under way, and leaves no timer and no second try', async () => {
    const { held, answer } = holding();
    const { api, requests, clock, calls } = await apiClient(answer);
    const given = api.call(GET).subscribe();
    const response = await held.until(1);
    const closed = once(response, 'close');
    given.unsubscribe();
    await closed;
    expect(response.writableFinished).toBe(false);
    await settle(() => waits(clock).length === 0);
    expect(waits(clock)).toEqual([]);
    expect([requests.length, calls.items.length]).toEqual([1, 0]);
  });

  it('ends the wait before the next request', async () => {
    const { api, requests, clock, calls } = await apiClient(always(503));
    const given = api.call(GET).subscribe();
    await calls.until(1);
    expect(waits(clock)).toEqual([250]);
    given.unsubscribe();
    expect(waits(clock)).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  it('aborts the signal of the token’s source', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const token = {
      token(signal?: AbortSignal) {
        signals.push(signal);
        return new Promise<string>(() => undefined);
      },
      invalidate: () => undefined,
    };
    const { api } = await apiClient(OK, { token });
    api.call(GET).subscribe().unsubscribe();
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });
});

describe('the record of a request', () => {
  it('says what was asked, what came of it, and how long it took, and nothing secret', async () => {
    const { held, answer } = holding();
    const { api, clock, calls } = await apiClient(answer);
    const query = { key: 'a-query' };
    const path = '/api/v2/things/{thing}';
    const answered = lastValueFrom(api.call({ method: 'PUT', path, ids: { thing: 'an-id' }, query, body: 'a-body' }));
    const response = await held.until(1);
    clock.advance(123);
    give(response, 200, { text: 'an-answer' });
    await answered;
    expect(calls.items).toEqual([
      {
        method: 'PUT',
        path,
        status: 200,
        failure: undefined,
        correlationId: expect.stringMatching(UUID) as unknown,
        duration: 123,
        attempt: 1,
      },
    ]);
  });
});

it('shows no token in the client, in what it reports, or in an error', async () => {
  const echo = always(400, { message: `Bearer ${TOKEN}`, code: TOKEN, contextId: TOKEN }, { 'x-echo': TOKEN });
  const { api, calls } = await apiClient(echo);
  const error = await failureOf(api.call({ ...POST, body: {} }));
  for (const thing of [api, error, error.cause, error.stack, calls.items]) {
    expect(inspect(thing, { showHidden: true, depth: Infinity, getters: true })).not.toContain(TOKEN);
  }
});

describe('tokenLifeLeft', () => {
  it('is what the source says of the token that was used last', async () => {
    const tokens = await tokenServer(issuing({ expires_in: 100 }));
    let now = 1_000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const token = clientCredentials({ loginUrl: tokens.loginUrl, clientId: 'id', clientSecret: 'secret' });
    const { api } = await apiClient(OK, { token });
    expect(api.tokenLifeLeft()).toBeUndefined();
    await lastValueFrom(api.call(GET));
    expect(api.tokenLifeLeft()).toBe(100_000);
    now += 30_000;
    expect(api.tokenLifeLeft()).toBe(70_000);
  });

  it.each<[string, PlatformApiOptions['token']]>([
    ['a token that is fixed', TOKEN],
    ['a function', () => TOKEN],
    ['a source that does not know', new FakeTokens()],
  ])('is not known of %s', async (_, token) => {
    const { api } = await apiClient(OK, { token });
    await lastValueFrom(api.call(GET));
    expect(api.tokenLifeLeft()).toBeUndefined();
  });
});

it('does all in virtual time: token, refusals, pause and backoff', async () => {
  const scheduler = new HandClock();
  const sent: string[] = [];
  const answers = [
    new Response('', { status: 503 }),
    new Response('', { status: 429, headers: { 'retry-after': '7' } }),
    Response.json({ done: true }),
  ];
  const fetch: typeof globalThis.fetch = (input) => {
    const { pathname } = new URL((input as Request).url);
    sent.push(`${pathname} at ${scheduler.now()}`);
    const isLogin = pathname === '/oauth/token';
    return Promise.resolve(isLogin ? Response.json({ access_token: 'a-token', expires_in: 3_600 }) : answers.shift()!);
  };
  const credentials = { loginUrl: 'https://login.example', clientId: 'id', clientSecret: 'secret' };
  const token = clientCredentials({ ...credentials, fetch, scheduler });
  const api = platformApi({ apiUrl: 'https://api.example', token, fetch, scheduler });
  const answered = new Log<unknown>();
  api.call(GET).subscribe(answered);
  for (const wait of [250, 7_000, 0]) {
    // Promises first, then what is due.
    for (let turns = 0; turns < 10; turns += 1) await turn();
    scheduler.advance(wait);
  }
  expect(answered.items).toEqual([{ status: 200, body: { done: true } }]);
  expect(sent).toEqual(['/oauth/token at 0', '/api/v2/things at 0', '/api/v2/things at 250', '/api/v2/things at 7250']);
  expect(api.tokenLifeLeft()).toBe(3_600_000 - 7_250);
  expect(waits(scheduler)).toEqual([]);
});

describe('an option that is not allowed', () => {
  const good = { apiUrl: 'https://api.example', token: TOKEN };
  it.each([
    [{ apiUrl: undefined }, 'UrlError', 'apiUrl must be an absolute address such as https://host, and is not'],
    [{ apiUrl: 'api.example' }, 'UrlError', 'apiUrl must be an absolute address such as https://host, and is not'],
    [{ apiUrl: 'wss://api.example' }, 'UrlError', 'apiUrl must start with https:// (or http:// on loopback), got wss:'],
    [{ apiUrl: 'https://a:b@c' }, 'UrlError', 'apiUrl must have no user, password, query or fragment'],
    [
      { apiUrl: 'http://api.example' },
      'InsecureUrlError',
      'the token is sent over https:// or to loopback only, not to http://api.example',
    ],
    [{ token: undefined }, 'TypeError', 'token must be a bearer token (RFC 6750 section 2.1), got undefined'],
    [{ token: 'a b' }, 'TypeError', 'token must be a bearer token (RFC 6750 section 2.1), and has other characters'],
    [{ timeout: 0 }, 'RangeError', 'timeout must be a number of milliseconds, above 0 and at most 2147483647, got 0'],
    [{ attempts: 1.5 }, 'RangeError', 'attempts must be a positive integer, got 1.5'],
    [{ fetch: 'fetch' }, 'TypeError', 'fetch must be a function, got "fetch"'],
    [{ scheduler: {} }, 'TypeError', 'scheduler must be an object with a method schedule(), got an object'],
    [{ calls: {} }, 'TypeError', 'calls must be an object with a method next(), got an object'],
    [
      { retries: 3 },
      'TypeError',
      'there is no option "retries"; there are apiUrl, token, timeout, attempts, fetch, scheduler, calls',
    ],
  ])('%j fails at the call', (wrong, name, message) => {
    const call = () => platformApi({ ...good, ...wrong } as PlatformApiOptions);
    expect(call).toThrow(expect.objectContaining({ name, message: `platformApi: ${message}` }));
  });

  it.each(['https://api.example', 'http://localhost:1', 'http://127.0.0.1', 'http://[::1]'])(
    'is not the apiUrl %s',
    (url) => {
      expect(platformApi({ ...good, apiUrl: url })).toHaveProperty('call');
    },
  );
});

describe('apiUrl', () => {
  it.each(['eu-central-1', 'mypurecloud.de'] as const)('of %s is that of its domain', (env) => {
    expect(apiUrl(env)).toBe('https://api.mypurecloud.de');
  });

  it('of no region is an error that lists what is allowed', () => {
    expect(() => apiUrl('eu-central-9' as 'eu-central-1')).toThrow(
      /^apiUrl: env must be a region of Genesys Cloud or its domain \(us-east-1 or mypurecloud\.com, .*\), got "eu-central-9"$/,
    );
  });
});
