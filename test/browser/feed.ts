import { EventEmitter, on, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** A connection as the server sees it. */
export interface Served {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** Resolves with the close code that the server got. */
  readonly closed: Promise<number>;
}

/** A server on loopback: a page that loads the bundle, and WebSockets. */
export interface Feed {
  readonly pageUrl: string;
  /** The address of the WebSocket; another path is refused with 400. */
  readonly url: string;
  /** The next connection that no earlier call has given. */
  next(): Promise<Served>;
  /** How many connections were opened so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** Starts a {@link Feed} that serves `bundle` to the page. */
export async function startFeed(bundle: string): Promise<Feed> {
  const http = createServer((request, response) => {
    if (request.url === '/bundle.js') {
      response.setHeader('content-type', 'text/javascript').end(bundle);
    } else {
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><link rel="icon" href="data:,"><script src="/bundle.js"></script>');
    }
  });
  const webSockets = new WebSocketServer({ server: http, path: '/feed', perMessageDeflate: false });
  let connections = 0;
  const arrivals = new EventEmitter();
  const served = on(arrivals, 'served')[Symbol.asyncIterator]();
  webSockets.on('connection', (socket, request) => {
    connections += 1;
    // A client that vanishes is no error of the server's; 'close' follows.
    socket.on('error', () => undefined);
    const closed = once(socket, 'close').then(([code]) => code as number);
    arrivals.emit('served', { socket, request, closed } satisfies Served);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;

  return {
    pageUrl: `http://127.0.0.1:${port}/`,
    url: `ws://127.0.0.1:${port}/feed`,
    async next() {
      const { value } = (await served.next()) as IteratorYieldResult<[Served]>;
      return value[0];
    },
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of webSockets.clients) socket.terminate();
      webSockets.close();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
