import { once } from 'node:events';
import { Agent, get, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Registry } from 'prom-client';
import { Subject } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { serveMetrics, type MetricsServer, type ServeMetricsOptions } from '../../src/telemetry/serve-metrics.ts';

const servers: MetricsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(options: Partial<ServeMetricsOptions> = {}): Promise<MetricsServer> {
  const server = await serveMetrics({ state$: new Subject<ConnectionState>(), port: 0, ...options });
  servers.push(server);
  return server;
}

/** One request, without a connection that is kept. */
async function ask({ url }: MetricsServer, path: string, options: RequestOptions = {}) {
  const sent = request(`${url}${path}`, { agent: false, ...options });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe('serveMetrics', () => {
  it('gives the text of the registry, as what the registry says it is', async () => {
    const registry = new Registry();
    registry.setDefaultLabels({ a: 'b' });
    const server = await serve({ registry });
    const { status, headers, body } = await ask(server, '/metrics?x=1');
    expect({ status, body }).toEqual({ status: 200, body: await registry.metrics() });
    expect(headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  it('is ready while a connection is open, and else says in which state it is', async () => {
    const state$ = new Subject<ConnectionState>();
    const server = await serve({ state$ });
    const ready = async () => {
      const { status, body } = await ask(server, '/readyz');
      return [status, body];
    };
    expect(await ready()).toEqual([503, 'not started\n']);
    state$.next({ status: 'connecting', connectionId: 'a' });
    expect(await ready()).toEqual([503, 'connecting\n']);
    state$.next({ status: 'open', connectionId: 'a' });
    state$.next({ status: 'connecting', connectionId: 'b' });
    expect(await ready()).toEqual([200, 'open\n']);
    state$.next({ status: 'closed', connectionId: 'a' });
    state$.next({ status: 'waiting', delay: 9, attempt: 1, failure: 'auth', cause: new Error('a secret') });
    expect(await ready()).toEqual([503, 'waiting\n']);
    expect(await ask(server, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it('is not ready while something else is missing, and says what', async () => {
    const state$ = new Subject<ConnectionState>();
    let lack: string | undefined = 'NATS is not connected';
    const server = await serve({ state$, missing: () => lack });
    const ready = async () => {
      const { status, body } = await ask(server, '/readyz');
      return [status, body];
    };
    expect(await ready()).toEqual([503, 'not started\n']);
    state$.next({ status: 'open', connectionId: 'a' });
    expect(await ready()).toEqual([503, 'NATS is not connected\n']);
    lack = undefined;
    expect(await ready()).toEqual([200, 'open\n']);
  });

  it('takes GET and HEAD only', async () => {
    const server = await serve();
    const head = await ask(server, '/healthz', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe('3');
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect(await ask(server, '/healthz', { method })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    }
  });

  it('knows no other path, and without a registry no metrics', async () => {
    const server = await serve();
    for (const path of ['/', '/metrics', '/healthz/', '/__proto__', '/toString', '//healthz']) {
      expect(await ask(server, '', { path })).toMatchObject({ status: 404, body: 'there are /healthz, /readyz\n' });
    }
  });

  it.each([
    () => Promise.reject(new Error('a secret')),
    () => {
      throw new Error('a secret');
    },
    () => Promise.resolve(1 as unknown as string),
  ])('answers 500 where a metric of somebody else fails, and tells nothing of it: case %#', async (metrics) => {
    const server = await serve({ registry: { contentType: 'text/plain', metrics } });
    expect(await ask(server, '/metrics')).toMatchObject({ status: 500, body: 'the metrics could not be collected\n' });
    expect(await ask(server, '/healthz')).toMatchObject({ status: 200 });
  });

  it('closes at once, though a scraper keeps its connection, and one has only half asked', async () => {
    const state$ = new Subject<ConnectionState>();
    const server = await serve({ state$ });
    const { hostname, port } = new URL(server.url);
    const agent = new Agent({ keepAlive: true });
    const [response] = (await once(get(`${server.url}/healthz`, { agent }), 'response')) as [IncomingMessage];
    await text(response);
    const half = connect(Number(port), hostname);
    half.write('GET /healthz HT');
    await once(half, 'connect');
    await ask(server, '/healthz');

    const gone = once(half, 'close');
    await server.close();
    await gone;
    expect(state$.observed).toBe(false);
    await expect(ask(server, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    agent.destroy();
  });

  it('listens on loopback, and on IPv6 where it is told to', async () => {
    expect((await serve()).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const server = await serve({ host: '::1' });
    expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect(await ask(server, '/healthz')).toMatchObject({ status: 200 });
  });

  it('leaves an error of the states to whoever made them', async () => {
    const state$ = new Subject<ConnectionState>();
    const server = await serve({ state$ });
    state$.error(new Error('thrown'));
    expect(await ask(server, '/readyz')).toMatchObject({ status: 503 });
  });

  it('fails with the system’s error where the port is taken, and has subscribed to nothing', async () => {
    const { port } = new URL((await serve()).url);
    const state$ = new Subject<ConnectionState>();
    await expect(serveMetrics({ state$, port: Number(port) })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(state$.observed).toBe(false);
  });

  const state$ = new Subject<ConnectionState>();
  it.each([
    [{}, 'serveMetrics: state$ must be an object with a method subscribe(), got undefined'],
    [{ state$, registry: {} }, 'serveMetrics: registry must be an object with a method metrics(), got an object'],
    [{ state$, missing: 'nothing' }, 'serveMetrics: missing must be a function, got "nothing"'],
    [{ state$, host: '' }, 'serveMetrics: host must be an address, got ""'],
    [{ state$, port: 65_536 }, 'serveMetrics: port must be an integer from 0 to 65535, got 65536'],
    [{ state$, path: '/' }, 'serveMetrics: there is no option "path"'],
  ])('refuses %j', async (options, message) => {
    await expect(serveMetrics(options as never)).rejects.toThrow(message);
  });
});
