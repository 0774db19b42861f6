import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connected, open, refusal, start, validToken } from './plain-client.ts';

describe('the streaming endpoint', () => {
  it('is where the URLs say, on a free port of the loopback', async () => {
    const simulator = await start();
    expect(simulator.loginUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(simulator.streamUrl).toBe(`${simulator.loginUrl.replace('http', 'ws')}/api/v2/streaming/interactions`);
    await (await connected(simulator)).until(1);
  });

  it('is on the port asked for, and says so when that is taken', async () => {
    const first = await start();
    const port = Number(new URL(first.loginUrl).port);
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
    expect((await start({ port })).loginUrl).toBe(first.loginUrl);
  });

  it('refuses without a token, with a wrong one, with another scheme, and on another path', async () => {
    const simulator = await start();
    const token = await validToken(simulator);
    const authorization = `Bearer ${token}`;
    const missing = await refusal(simulator.streamUrl);
    expect(missing.statusCode).toBe(401);
    expect(missing.headers['www-authenticate']).toMatch(/^Bearer/);
    expect((await refusal(simulator.streamUrl, { authorization: 'Bearer guess' })).statusCode).toBe(401);
    expect((await refusal(simulator.streamUrl, { authorization: `Basic ${token}` })).statusCode).toBe(401);
    expect((await refusal(`${simulator.streamUrl}/more`, { authorization })).statusCode).toBe(404);
    expect(simulator.totals).toMatchObject({ refused: 4, connections: 0 });
  });

  it('takes a query after its path, and bearer in any case', async () => {
    const simulator = await start();
    const webSocket = new WebSocket(`${simulator.streamUrl}?a=b`, {
      headers: { authorization: `bearer ${await validToken(simulator)}` },
    });
    await once(webSocket, 'open');
    expect(simulator.totals).toMatchObject({ refused: 0, connections: 1 });
  });

  it('records each attempt without the token', async () => {
    const simulator = await start();
    const token = await validToken(simulator);
    await refusal(`${simulator.streamUrl}?attempt=1`, { 'x-mine': 'yes' });
    await open(simulator, token).until(1);
    const [first, second] = simulator.upgradeRequests;
    expect(simulator.upgradeRequests).toHaveLength(2);
    expect(first).toMatchObject({ method: 'GET', url: '/api/v2/streaming/interactions?attempt=1', hadToken: false });
    expect(first!.headers['x-mine']).toBe('yes');
    expect(second!.hadToken).toBe(true);
    expect(second!.headers).not.toHaveProperty('authorization');
    expect(JSON.stringify(simulator.upgradeRequests)).not.toContain(token);
    expect(second!.receivedAt).toBeGreaterThanOrEqual(first!.receivedAt);
  });

  it('gives the scripted answers in order, then the normal one', async () => {
    const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
    const simulator = await start({
      upgrades: [
        500,
        403,
        { status: 429, retryAfter: '3' },
        { status: 503, retryAfter: date },
        { status: 302, location: 'https://login.example.com/' },
        'ok',
        401,
      ],
    });
    const authorization = `Bearer ${await validToken(simulator)}`;
    const attempt = async (): Promise<unknown[]> => {
      const { statusCode, headers } = await refusal(simulator.streamUrl, { authorization });
      return [statusCode, headers['retry-after'], headers.location];
    };
    expect(await attempt()).toEqual([500, undefined, undefined]);
    expect(await attempt()).toEqual([403, undefined, undefined]);
    expect(await attempt()).toEqual([429, '3', undefined]);
    expect(await attempt()).toEqual([503, date, undefined]);
    expect(await attempt()).toEqual([302, undefined, 'https://login.example.com/']);
    await (await connected(simulator)).until(1);
    expect(await attempt()).toEqual([401, undefined, undefined]);
    await (await connected(simulator)).until(1);
    expect(simulator.totals).toMatchObject({ refused: 6, connections: 2 });
  });

  it('leaves an attempt unanswered, and notices when the client gives up', async () => {
    const simulator = await start({ upgrades: ['hang'] });
    const client = await connected(simulator, { handshakeTimeout: 100 });
    const [error] = (await once(client.webSocket, 'error')) as [Error];
    expect(error.message).toContain('handshake has timed out');
    await (await connected(simulator)).until(1);
    expect(simulator.totals).toMatchObject({ refused: 1, connections: 1 });
  });
});
