import { describe, expect, it } from 'vitest';
import { connected, open, refusal, requestToken, start, validToken, type TokenAnswer } from './plain-client.ts';

const basic = (id: string, secret: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

const json = async (response: Response): Promise<TokenAnswer> => (await response.json()) as TokenAnswer;

describe('the token endpoint', () => {
  it('gives a token for credentials in the body or in the header, another each time', async () => {
    const simulator = await start({ tokenLifetime: 1800 });
    const byBody = await requestToken(simulator);
    const byHeader = await requestToken(simulator, {}, basic('simulator', 'simulator-secret'));
    expect([byBody.status, byHeader.status]).toEqual([200, 200]);
    expect(byBody.headers.get('cache-control')).toBe('no-store');
    const [first, second] = [await json(byBody), await json(byHeader)];
    expect(first).toEqual({ access_token: first.access_token, token_type: 'bearer', expires_in: 1800 });
    expect(first.access_token).toMatch(/^[\w-]{43}$/);
    expect(second.access_token).not.toBe(first.access_token);
    expect(simulator.totals.tokens).toBe(2);
    await open(simulator, second.access_token).until(1);
  });

  it('takes the credentials that it is given, form-encoded in the header or as they are', async () => {
    const simulator = await start({ clientId: 'my id', clientSecret: 'p%20+&:ü' });
    expect([simulator.clientId, simulator.clientSecret]).toEqual(['my id', 'p%20+&:ü']);
    expect((await requestToken(simulator)).status).toBe(200);
    expect((await requestToken(simulator, {}, basic('my id', 'p%20+&:ü'))).status).toBe(200);
    expect((await requestToken(simulator, {}, basic('my+id', encodeURIComponent('p%20+&:ü')))).status).toBe(200);
    expect((await requestToken(simulator, {}, basic('simulator', 'simulator-secret'))).status).toBe(401);
  });

  it.each([
    ['wrong secret in the body', { client_secret: 'guess' }, {}],
    ['wrong id in the body', { client_id: 'guess' }, {}],
    ['wrong secret in the header', {}, basic('simulator', 'guess')],
    ['a header without a colon', {}, { authorization: `Basic ${Buffer.from('simulator').toString('base64')}` }],
    ['wrong secret and wrong grant', { client_secret: 'guess', grant_type: 'password' }, {}],
  ])('answers 401 invalid_client to a %s', async (_, form, headers) => {
    const simulator = await start();
    const response = await requestToken(simulator, form, headers);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic/);
    const { error, description, error_description } = await json(response);
    expect(error).toBe('invalid_client');
    expect(description).toBeTruthy();
    expect(error_description).toBe(description);
    expect(simulator.totals.tokens).toBe(0);
  });

  it('answers 400 to another grant, to credentials in two places, and to what is not form-encoded', async () => {
    const simulator = await start();
    const grant = await requestToken(simulator, { grant_type: 'password' });
    expect([grant.status, (await json(grant)).error]).toEqual([400, 'unsupported_grant_type']);
    const twice = await requestToken(simulator, { client_secret: 'x' }, basic('simulator', 'simulator-secret'));
    expect([twice.status, (await json(twice)).error]).toEqual([400, 'invalid_request']);
    const asJson = await requestToken(simulator, {}, { 'content-type': 'application/json' });
    expect([asJson.status, (await json(asJson)).error]).toEqual([400, 'invalid_request']);
  });

  it('answers 405 to GET, 413 to a body that is too long, 404 elsewhere, 426 to plain HTTP at the stream', async () => {
    const { loginUrl, streamUrl } = await start();
    const status = async (url: string, init?: RequestInit): Promise<number> => (await fetch(url, init)).status;
    expect(await status(`${loginUrl}/oauth/token`)).toBe(405);
    expect(await status(`${loginUrl}/oauth/token`, { method: 'POST', body: 'x'.repeat(70_000) })).toBe(413);
    expect(await status(`${loginUrl}/oauth`)).toBe(404);
    expect(await status(streamUrl.replace('ws:', 'http:'))).toBe(426);
  });

  it('names the scopes that were asked for, or those that it grants', async () => {
    const scope = 'streaming:subscribe interaction:read';
    const echo = await start();
    expect((await json(await requestToken(echo, { scope }))).scope).toBe(scope);
    expect(await json(await requestToken(echo))).not.toHaveProperty('scope');
    const fixed = await start({ grantedScopes: ['streaming:subscribe'] });
    expect((await json(await requestToken(fixed, { scope }))).scope).toBe('streaming:subscribe');
  });

  it('gives the scripted answers in order, then the normal one', async () => {
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
    const simulator = await start({
      tokenResponses: [
        503,
        'ok',
        { status: 429, retryAfter: '7' },
        { status: 503, retryAfter: date },
        { status: 200, body: 'no json' },
        { status: 200, body: { access_token: 7 } },
        401,
      ],
    });
    const seen: unknown[] = [];
    for (let index = 0; index < 8; index += 1) {
      const response = await requestToken(simulator);
      const body = await response.text();
      seen.push([response.status, response.headers.get('retry-after'), index === 4 || index === 5 ? body : '']);
      if (index === 2) expect(JSON.parse(body)).toMatchObject({ code: 'too.many.requests.retry.after', status: 429 });
      if (index === 6) expect(JSON.parse(body)).toMatchObject({ error: 'invalid_client' });
    }
    expect(seen).toEqual([
      [503, null, ''],
      [200, null, ''],
      [429, '7', ''],
      [503, date, ''],
      [200, null, 'no json'],
      [200, null, '{"access_token":7}'],
      [401, null, ''],
      [200, null, ''],
    ]);
    expect(simulator.totals.tokens).toBe(2);
  });
});

describe('a token', () => {
  it('ends with its lifetime: the connection is closed with 1008, the token refused', async () => {
    const simulator = await start({ tokenLifetime: 0.3, rate: 10 });
    const token = await validToken(simulator);
    const client = open(simulator, token);
    expect(await client.closed).toEqual([1008, 'token expired']);
    expect(client.messages.length).toBeGreaterThan(0);
    const response = await refusal(simulator.streamUrl, { authorization: `Bearer ${token}` });
    expect(response.statusCode).toBe(401);
    await (await connected(simulator)).until(1);
  });

  it('can be revoked: it is refused from then on, open connections stay, new tokens are good', async () => {
    const simulator = await start({ rate: 200 });
    const token = await validToken(simulator);
    const client = open(simulator, token);
    await client.until(1);
    simulator.revokeTokens();
    expect((await refusal(simulator.streamUrl, { authorization: `Bearer ${token}` })).statusCode).toBe(401);
    await client.until(client.messages.length + 3);
    await (await connected(simulator)).until(1);
  });
});
