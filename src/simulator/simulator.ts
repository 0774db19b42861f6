import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { checkCloseCode, checkCloseReason } from './checks.ts';
import { errorBody } from './error-body.ts';
import { faultyFrames } from './faulty-frames.ts';
import { frameSequence } from './frame-sequence.ts';
import { keepLast } from './keep-last.ts';
import { scriptFor } from './script.ts';
import { sendFrames } from './send-frames.ts';
import type { ExpectedOutcome } from './simulated-frame.ts';
import { resolveOptions, type ReceivedMessage, type SimulatorOptions } from './simulator-options.ts';
import { tokenEndpoint } from './token-endpoint.ts';
import { tokenStore } from './token-store.ts';
import { refuseUpgrade } from './upgrade-response.ts';

/** What a simulator has done so far. A snapshot: it does not change. */
export interface SimulatorTotals {
  /** Frames handed to sockets. */
  readonly frames: number;
  /** The bytes of their payloads. */
  readonly bytes: number;
  /** Tokens issued. */
  readonly tokens: number;
  /** Connections opened. */
  readonly connections: number;
  /** Attempts to upgrade that did not open one, those never answered included. */
  readonly refused: number;
  /** Messages from clients. */
  readonly received: number;
  /** The frames by what a correct client makes of them. Their sum is `frames`. */
  readonly expected: Readonly<Record<ExpectedOutcome, number>>;
}

/** An attempt to upgrade, on whatever path. */
export interface UpgradeRequest {
  /** The method. */
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** The headers, without `authorization`. */
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Whether it came with a bearer token, valid or not. */
  readonly hadToken: boolean;
  /** When it came, in milliseconds on the monotonic clock (`performance.now()`). */
  readonly receivedAt: number;
}

/** A running simulator. */
export interface Simulator {
  /** The OAuth host: `http://127.0.0.1:PORT`; the token endpoint is `POST {loginUrl}/oauth/token`. */
  readonly loginUrl: string;
  /** The streaming endpoint: `ws://127.0.0.1:PORT/api/v2/streaming/interactions`. */
  readonly streamUrl: string;
  /** The client id that it accepts. */
  readonly clientId: string;
  /** The client secret that it accepts. */
  readonly clientSecret: string;
  /** What it has done so far. */
  readonly totals: SimulatorTotals;
  /** How many WebSocket connections are open, or closing. */
  readonly openSockets: number;
  /** The last 1000 messages from clients, oldest first. */
  readonly received: readonly ReceivedMessage[];
  /** The last 10,000 attempts to upgrade, oldest first. */
  readonly upgradeRequests: readonly UpgradeRequest[];
  /** Makes all tokens issued so far invalid. Open connections stay. */
  revokeTokens(): void;
  /** Destroys all connections at once, without a closing handshake; what was not yet written is lost. */
  dropAll(): void;
  /** Closes all connections. @defaultValue code 1001, no reason */
  closeAll(code?: number, reason?: string): void;
  /** Closes everything, and is done when no socket, timer or server is left. May be called more than once. */
  close(): Promise<void>;
}

const STREAM_PATH = '/api/v2/streaming/interactions';
const TOKEN_PATH = '/oauth/token';

/** The largest message taken from a client, in bytes. */
const LARGEST_MESSAGE = 1024 * 1024;
const MESSAGES_KEPT = 1000;
const REQUESTS_KEPT = 10_000;

/** How long clients have to complete the closing handshake when the simulator closes, in milliseconds. */
const CLOSE_GRACE = 250;

/** An open connection. */
interface Connection {
  readonly webSocket: WebSocket;
  /** Ends its sending. */
  readonly stop: () => void;
  /** Resolves when it is closed. */
  readonly closed: Promise<void>;
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';

/**
 * **Starts a Genesys Cloud on loopback**: a token endpoint and a streaming endpoint that sends made-up contact-centre
 * frames at a steady rate, with the faults that a seed or a script calls for.
 *
 * Everything it sends is a function of `seed` and of the connection's ordinal: the same bytes in every run, on every
 * machine. Each frame is told to `onSent` together with what a correct client makes of it, so that a test can hold the
 * client to account. It shares no code with the client.
 *
 * ```ts
 * const simulator = await startSimulator({ rate: 100, frames: 500, script: [{ at: 7, fault: 'invalid-utf8' }] });
 * // … connect to simulator.streamUrl with a token from simulator.loginUrl …
 * await simulator.close();
 * ```
 *
 * @param options - see {@link SimulatorOptions}
 * @returns a promise of the running simulator; it rejects with TypeError or RangeError where an option is not usable,
 *   and with the system's error where the port is taken
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = resolveOptions('startSimulator', options);
  const { clientId, clientSecret, onSent, onReceived } = settings;
  const tokens = tokenStore(settings.tokenLifetime);
  const faulty = faultyFrames(settings.seed, settings.oversizeBytes);
  const upgrades = [...settings.upgrades];
  const connections = new Set<Connection>();
  const tcpSockets = new Set<Socket>();
  const received = keepLast<ReceivedMessage>(MESSAGES_KEPT);
  const upgradeRequests = keepLast<UpgradeRequest>(REQUESTS_KEPT);
  const totals = { frames: 0, bytes: 0, tokens: 0, connections: 0, refused: 0, received: 0 };
  const expected: Record<ExpectedOutcome, number> = {
    accepted: 0,
    'invalid-utf8': 0,
    'malformed-json': 0,
    schema: 0,
    oversize: 0,
    'checksum-mismatch': 0,
    'unknown-type': 0,
  };
  let closing: Promise<void> | undefined;

  const answerTokenRequest = tokenEndpoint({
    ...settings,
    grantedScopes: settings.grantedScopes,
    tokens,
    issued: () => (totals.tokens += 1),
  });

  const server = createServer((request, response) => {
    const path = pathOf(request);
    if (path === TOKEN_PATH) {
      answerTokenRequest(request, response);
      return;
    }
    const status = path === STREAM_PATH ? 426 : 404;
    response.writeHead(status, { 'content-type': 'application/json', ...(status === 426 && { upgrade: 'websocket' }) });
    response.end(JSON.stringify(errorBody(status, randomUUID())));
  });
  const webSocketServer = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LARGEST_MESSAGE,
    autoPong: settings.answerPings,
  });

  function serve(webSocket: WebSocket, socket: Duplex, tokenLife: number): void {
    const ordinal = totals.connections;
    totals.connections += 1;
    // The event 'close' follows: a client that vanishes is no error of ours.
    webSocket.on('error', () => undefined);
    webSocket.on('message', (data: Buffer, isBinary) => {
      const message: ReceivedMessage = { connection: ordinal, isBinary, data };
      totals.received += 1;
      received.add(message);
      onReceived?.(message);
    });
    const expiry = setTimeout(() => webSocket.close(1008, 'token expired'), tokenLife);
    const closed = new Promise<void>((resolve) => {
      webSocket.once('close', () => {
        connection.stop();
        clearTimeout(expiry);
        connections.delete(connection);
        resolve();
      });
    });
    let stop = (): void => undefined;
    const connection: Connection = { webSocket, stop: () => stop(), closed };
    connections.add(connection);
    stop = sendFrames({
      webSocket,
      socket,
      sequence: frameSequence({ ...settings, connection: ordinal, faulty }),
      script: scriptFor(settings.script, ordinal),
      rate: settings.rate,
      frames: settings.frames,
      sent: ({ payloadType, isBinary, data, expected: outcome }, index) => {
        totals.frames += 1;
        totals.bytes += data.length;
        expected[outcome] += 1;
        onSent?.({
          connection: ordinal,
          index,
          payloadType,
          byteLength: data.length,
          isBinary,
          expected: outcome,
          data,
        });
      },
    });
  }

  server.on('connection', (socket) => {
    tcpSockets.add(socket);
    socket.once('close', () => tcpSockets.delete(socket));
  });

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const { authorization, ...headers } = request.headers;
    const token = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    upgradeRequests.add({
      method: request.method ?? '',
      url: request.url ?? '',
      headers,
      hadToken: token !== undefined,
      receivedAt: performance.now(),
    });
    // Counted as refused until it is open: a malformed handshake is refused by the library.
    totals.refused += 1;
    if (closing) {
      refuseUpgrade(socket, 503);
      return;
    }
    if (pathOf(request) !== STREAM_PATH) {
      refuseUpgrade(socket, 404);
      return;
    }
    const next = upgrades.shift() ?? 'ok';
    if (next === 'hang') {
      // Read, so that a client that gives up is noticed.
      socket.resume().once('end', () => socket.destroy());
      return;
    }
    if (next !== 'ok') {
      refuseUpgrade(socket, next);
      return;
    }
    const tokenLife = token === undefined ? 0 : tokens.lifeLeft(token);
    if (tokenLife === 0) {
      refuseUpgrade(socket, 401);
      return;
    }
    webSocketServer.handleUpgrade(request, socket, head, (webSocket) => {
      totals.refused -= 1;
      serve(webSocket, socket, tokenLife);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;

  function closeConnections(code: number, reason: string): void {
    for (const { webSocket } of connections) webSocket.close(code, reason);
  }

  async function closeEverything(): Promise<void> {
    const serverClosed = new Promise<void>((resolve) => server.close(() => resolve()));
    const socketsClosed = [...connections].map(({ closed }) => closed);
    for (const { stop } of connections) stop();
    closeConnections(1001, 'simulator closing');
    let grace: NodeJS.Timeout | undefined;
    await Promise.race([
      Promise.all(socketsClosed),
      new Promise<void>((resolve) => {
        grace = setTimeout(resolve, CLOSE_GRACE);
      }),
    ]);
    clearTimeout(grace);
    for (const { webSocket } of connections) webSocket.terminate();
    for (const socket of tcpSockets) socket.destroy();
    await Promise.all([serverClosed, ...socketsClosed]);
  }

  return {
    loginUrl: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}${STREAM_PATH}`,
    clientId,
    clientSecret,
    get totals() {
      return { ...totals, expected: { ...expected } };
    },
    get openSockets() {
      return connections.size;
    },
    get received() {
      return received.list();
    },
    get upgradeRequests() {
      return upgradeRequests.list();
    },
    revokeTokens: () => tokens.revokeAll(),
    dropAll: () => {
      for (const { webSocket } of connections) webSocket.terminate();
    },
    closeAll: (code = 1001, reason = '') => {
      checkCloseCode('closeAll: code', code);
      checkCloseReason('closeAll: reason', reason);
      closeConnections(code, reason);
    },
    close: () => (closing ??= closeEverything()),
  };
}
