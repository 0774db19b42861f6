import { createHash } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, expect } from 'vitest';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';
import type { Certificate } from './certificate.ts';
import { Log } from './log.ts';
import { unsubscribeAll } from './record.ts';

/** A server on loopback, on a port of its own. */
export interface Endpoint {
  readonly url: string;
  /** The TCP connections that were made, gone ones too. */
  readonly accepted: Log<Socket>;
  /** The TCP connections that are open now. */
  readonly open: ReadonlySet<Socket>;
}

interface Running {
  readonly server: Server;
  readonly open: ReadonlySet<Socket>;
}
const running: Running[] = [];

/** How long the sockets of a test may take to go, in milliseconds: less than the shortest timer that could be left behind. */
const GRACE = 1_000;

/** Waits until `done`, for as long as sockets may take to go: it is for the caller to say what must hold then. */
export async function settle(done: () => boolean): Promise<void> {
  const deadline = performance.now() + GRACE;
  while (!done() && performance.now() < deadline) await turn();
}

/** Ends what the test started, and fails where a socket stays open. Runs after each test by itself. */
export async function endAll(): Promise<void> {
  unsubscribeAll();
  const ended = running.splice(0);
  const left = () => ended.reduce((sum, { open }) => sum + open.size, 0);
  await settle(() => left() === 0);
  const leaked = left();
  for (const { open } of ended) for (const socket of open) socket.destroy();
  await Promise.all(ended.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  expect(leaked, 'sockets left open').toBe(0);
}

afterEach(endAll);

async function listen(server: Server, scheme: string): Promise<Endpoint> {
  const open = new Set<Socket>();
  const accepted = new Log<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    // A peer that vanishes is no error of the server's.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
    accepted.next(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push({ server, open });
  const { port } = server.address() as AddressInfo;
  return { url: `${scheme}://127.0.0.1:${port}/feed`, accepted, open };
}

/** A message that reached the server. */
export interface Received {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** A WebSocket server, and what it saw. */
export interface WebSocketEndpoint extends Endpoint {
  /** The upgrade requests. */
  readonly requests: Log<IncomingMessage>;
  /** The WebSockets that were opened. */
  readonly connections: Log<WebSocket>;
  /** The close codes with which they ended. */
  readonly closeCodes: Log<number>;
  readonly pings: Log<Buffer>;
  readonly received: Log<Received>;
}

/** Starts a WebSocket server; `serve` gets each connection, and its ordinal from 0. */
export async function webSocketServer(
  serve: (webSocket: WebSocket, nth: number) => void = () => undefined,
  { tls, ...options }: ServerOptions & { tls?: Certificate } = {},
): Promise<WebSocketEndpoint> {
  const seen = {
    requests: new Log<IncomingMessage>(),
    connections: new Log<WebSocket>(),
    closeCodes: new Log<number>(),
    pings: new Log<Buffer>(),
    received: new Log<Received>(),
  };
  const server: HttpServer = tls === undefined ? createHttpServer() : createHttpsServer(tls);
  server.on('tlsClientError', () => undefined);
  server.on('upgrade', (request: IncomingMessage) => seen.requests.next(request));
  const webSockets = new WebSocketServer({ server, ...options });
  webSockets.on('connection', (webSocket) => {
    webSocket.on('error', () => undefined);
    webSocket.on('ping', seen.pings.next);
    webSocket.on('message', (data: Buffer, isBinary) => seen.received.next({ data, isBinary }));
    webSocket.on('close', seen.closeCodes.next);
    serve(webSocket, seen.connections.items.length);
    seen.connections.next(webSocket);
  });
  return { ...(await listen(server, tls === undefined ? 'ws' : 'wss')), ...seen };
}

/**
 * Starts a TCP server; `answer` gets each connection with the head of its first request. With `allowHalfOpen` the
 * client's FIN is not answered with one.
 */
export async function tcpServer(
  answer: (socket: Socket, request: string) => void,
  allowHalfOpen = false,
): Promise<Endpoint> {
  const server = createTcpServer({ allowHalfOpen }, (socket) => {
    let request = '';
    const read = (chunk: Buffer) => {
      request += chunk.toString('latin1');
      if (!request.includes('\r\n\r\n')) return;
      socket.off('data', read);
      // Read on, so that the client's end is noticed.
      socket.resume();
      answer(socket, request);
    };
    socket.on('data', read);
  });
  return listen(server, 'ws');
}

/** The answer that opens a WebSocket (RFC 6455 section 4.2.2), with more headers where they are wanted. */
export function switching(request: string, ...headers: string[]): string {
  const key = /^sec-websocket-key: (.*)$/im.exec(request)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...headers,
    '\r\n',
  ].join('\r\n');
}

/** The close code in the first close frame of what a client has sent (masked, RFC 6455 section 5.3). */
export function closeCodeIn(sent: Buffer): number {
  const at = sent.indexOf(0x88);
  return ((sent[at + 6]! ^ sent[at + 2]!) << 8) | (sent[at + 7]! ^ sent[at + 3]!);
}
