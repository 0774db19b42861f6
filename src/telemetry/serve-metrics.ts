import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import type { Observable } from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { callable, knownOptions, optionError, withMethod } from '../../operators/options.ts';
import { ConnectionTotals } from './connection-totals.ts';

/** Options of {@link serveMetrics}. */
export interface ServeMetricsOptions {
  /** The states of the stream's connections, which `/readyz` goes by: `state$` of `frameStream`. */
  readonly state$: Observable<ConnectionState>;
  /** What `/metrics` gives: a `Registry` of prom-client. @defaultValue none: 404 */
  readonly registry?: { readonly contentType: string; metrics(): Promise<string> };
  /**
   * What the stream needs besides a connection, and has not now: `/readyz` says so, with 503. `undefined`: it has all. Asked with each
   * request. @defaultValue nothing
   */
  readonly missing?: () => string | undefined;
  /** The address to listen on, or its name. @defaultValue `'127.0.0.1'` */
  readonly host?: string;
  /** 0 for one that is free. @defaultValue 9464 */
  readonly port?: number;
}

/** A server that {@link serveMetrics} has started. */
export interface MetricsServer {
  /** Such as `http://127.0.0.1:9464`. */
  readonly url: string;
  /** Stops it at once: connections that are kept open for the next request are closed. */
  close(): Promise<void>;
}

/** What a request is answered with. */
interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * **A small HTTP server for those who watch a stream**: GET and HEAD only.
 *
 * | path | answer |
 * |---|---|
 * | `/metrics` | the text of the registry |
 * | `/healthz` | 200 while the process works |
 * | `/readyz` | 200 while a connection is open and nothing is missing, else 503; its text is the state, or what is missing |
 *
 * It asks for no password and is not encrypted: whoever reaches the address can read it.
 *
 * @throws TypeError or RangeError, where an option is not allowed; the system's error, where the address can't be listened on
 */
export async function serveMetrics(options: ServeMetricsOptions): Promise<MetricsServer> {
  knownOptions('serveMetrics', options, ['state$', 'registry', 'missing', 'host', 'port']);
  const { registry, host = '127.0.0.1', port = 9464 } = options;
  const state$ = withMethod('serveMetrics: state$', 'subscribe', options.state$);
  if (registry !== undefined) withMethod('serveMetrics: registry', 'metrics', registry);
  const missing = callable('serveMetrics: missing', options.missing ?? (() => undefined));
  // An empty one would listen on every address of the machine.
  if (typeof host !== 'string' || host === '') {
    throw optionError('serveMetrics: host', 'an address', host, typeof host !== 'string');
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw optionError('serveMetrics: port', 'an integer from 0 to 65535', port, typeof port !== 'number');
  }

  const totals = new ConnectionTotals();
  const answers: Readonly<Record<string, () => Promise<Answer> | Answer>> = {
    '/healthz': () => ({ status: 200, text: 'ok\n' }),
    '/readyz': () => {
      const isMissing = totals.open > 0 ? missing() : undefined;
      const isReady = totals.open > 0 && isMissing === undefined;
      return { status: isReady ? 200 : 503, text: `${isMissing ?? totals.current?.status ?? 'not started'}\n` };
    },
    ...(registry !== undefined && {
      '/metrics': async () => ({
        status: 200,
        text: await registry.metrics(),
        headers: { 'content-type': registry.contentType },
      }),
    }),
  };

  const server = createServer(({ method = '', url = '' }, response) => {
    if (method !== 'GET' && method !== 'HEAD') {
      send(response, { status: 405, text: 'GET and HEAD only\n', headers: { allow: 'GET, HEAD' } });
      return;
    }
    const [path = ''] = url.split('?');
    const nowhere = () => ({ status: 404, text: `there are ${Object.keys(answers).join(', ')}\n` });
    void respond(response, answers[path] ?? nowhere);
  });
  server.listen(port, host);
  await once(server, 'listening');
  // A connection that could not be accepted, for want of file descriptors, is the scraper's loss and not the stream's.
  server.on('error', () => undefined);
  // An error is for whoever made the stream.
  const states = state$.subscribe({ next: (state) => totals.take(state), error: () => undefined });

  const at = server.address() as AddressInfo;
  return {
    url: `http://${isIPv6(at.address) ? `[${at.address}]` : at.address}:${at.port}`,
    close: async () => {
      states.unsubscribe();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What fails, such as a metric of somebody else's, costs one answer and not the stream. */
async function respond(response: ServerResponse, answer: () => Promise<Answer> | Answer): Promise<void> {
  try {
    send(response, await answer());
  } catch {
    send(response, { status: 500, text: 'the metrics could not be collected\n' });
  }
}

function send(response: ServerResponse, { status, text, headers }: Answer): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  // Node leaves the text out of an answer to HEAD.
  response.end(text);
}
