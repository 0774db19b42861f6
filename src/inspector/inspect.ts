import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Observable } from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import type { AnyFrame } from '../../operators/frame.ts';
import { knownOptions, optionError, optionsObject, withMethod } from '../../operators/options.ts';
import { admit } from './admission.ts';
import { LivePages } from './live-pages.ts';
import { pageFiles } from './page-files.ts';
import { StreamWatch, TICK } from './stream-watch.ts';

/** What {@link inspect} looks at: `frameStream()` gives it. */
export interface InspectedStream {
  /** Every outcome. It is subscribed to until the inspector is closed, which keeps a shared connection open. */
  readonly outcomes$: Observable<AnyFrame>;
  /** The states of the connection. */
  readonly state$?: Observable<ConnectionState>;
}

/** Options of {@link inspect}. */
export interface InspectOptions {
  /** The port on 127.0.0.1; 0 for a free one. @defaultValue 0 */
  readonly port?: number;
  /** Closes the inspector when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A page that is being served. */
export interface Inspector {
  /** The page's address, with the token that opens it. */
  readonly url: string;
  /** Ends it: the subscriptions, the server and, once they have the last counts or half a second is over, the pages' connections. */
  close(this: void): Promise<void>;
}

const HOST = '127.0.0.1';
/** Who says nothing does not keep a connection for long. In milliseconds. */
const SERVER_OPTIONS = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 2_000 };
/** Anybody on this machine can connect; they may not take all of the inspected process's descriptors. */
const MOST_CONNECTIONS = 256;
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/**
 * **Serves a page on this machine that shows a stream live**: its connection, rates, latencies, rejects, and its last frames
 * with their payloads.
 *
 * Counts are exact; of the frames the page gets a sample, five times a second. What is kept of a stream is bounded, whatever its rate.
 * Only who has the address can open the page: it has a random token. It listens on 127.0.0.1 only.
 *
 * ```ts
 * const stream = frameStream({ env: 'eu-central-1', clientId, clientSecret });
 * const inspector = await inspect(stream);
 * console.log(inspector.url);
 * ```
 *
 * It subscribes to `outcomes$`, which is therefore to be shared, as `frameStream`'s is. An error of the stream is shown on the page
 * and thrown nowhere. The page stays when the stream has ended; `close()` ends it.
 *
 * @returns when the page can be opened
 * @throws TypeError or RangeError where an option is not allowed; the error of the port where it can't be had; the signal's reason
 */
export async function inspect(stream: InspectedStream, options: InspectOptions = {}): Promise<Inspector> {
  knownOptions('inspect', options, ['port', 'signal']);
  optionsObject('inspect: stream', stream);
  withMethod('inspect: stream.outcomes$', 'subscribe', stream.outcomes$);
  if (stream.state$ !== undefined) withMethod('inspect: stream.state$', 'subscribe', stream.state$);
  const port = portNumber(options.port ?? 0);
  const { signal } = options;
  if (signal !== undefined) withMethod('inspect: signal', 'throwIfAborted', signal).throwIfAborted();

  const files = await pageFiles();
  const token = randomBytes(32).toString('base64url');
  const pages = new LivePages();

  const answer = (resource: string, response: ServerResponse) => {
    const file = files.get(resource);
    if (file !== undefined) {
      response.writeHead(200, { 'content-type': file.type }).end(file.content);
      return;
    }
    if (resource === 'events') {
      pages.add(response);
      return;
    }
    const [, number, payload] = /^frames\/(\d{1,16})(\/payload)?$/.exec(resource) ?? [];
    const frame = number === undefined ? undefined : watch.frame(Number(number));
    if (frame === undefined) {
      response.writeHead(404).end();
    } else if (payload === undefined) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(frame.facts()));
    } else if (frame.payload === undefined) {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(frame.payload);
    }
  };

  const server = createServer(SERVER_OPTIONS, (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const verdict = admit(request, host, token);
    if ('status' in verdict) response.writeHead(verdict.status).end();
    else answer(verdict.resource, response);
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(port, HOST);
  await once(server, 'listening');
  const host = `${HOST}:${(server.address() as AddressInfo).port}`;

  const watch = new StreamWatch(stream);
  const ticking = setInterval(() => pages.tick(watch), TICK);
  const end = async () => {
    signal?.removeEventListener('abort', abort);
    clearInterval(ticking);
    const ended = once(server, 'close');
    server.close();
    const told = pages.end(watch);
    try {
      watch.subscription.unsubscribe();
    } finally {
      await told;
      server.closeAllConnections();
      await ended;
    }
  };
  let closed: Promise<void> | undefined;
  const abort = () => void close();
  const close = () => (closed ??= end());
  signal?.addEventListener('abort', abort);
  if (signal?.aborted === true) {
    await close();
    signal.throwIfAborted();
  }
  return { url: `http://${host}/${token}/`, close };
}

function portNumber(port: number): number {
  if (Number.isSafeInteger(port) && port >= 0 && port <= 65_535) return port;
  throw optionError('inspect: port', 'an integer from 0 to 65535', port, typeof port !== 'number');
}
