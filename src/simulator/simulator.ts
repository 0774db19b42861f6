import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { asyncScheduler } from 'rxjs';
import { checkCloseCode, checkCloseReason } from './checks.ts';
import { errorResponse } from './error-response.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';
import { keepLast } from './keep-last.ts';
import { channelEndpoint } from './notifications/channel-endpoint.ts';
import type { NotificationControls } from './notifications/notification-controls.ts';
import { notificationPlatform } from './notifications/notification-platform.ts';
import { serveHttp } from './serve-http.ts';
import type { ExpectedOutcome } from './simulated-frame.ts';
import { resolveOptions, type ReceivedMessage, type SimulatorOptions } from './simulator-options.ts';
import { socketSet } from './socket-set.ts';
import { STREAM_PATH, streamingEndpoint } from './streaming-endpoint.ts';
import { TOKEN_PATH, tokenEndpoint } from './token-endpoint.ts';
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
  /** Connections opened at the streaming endpoint. */
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
  /** The REST host, for notification channels: `http://127.0.0.1:PORT`. The same as `loginUrl`. */
  readonly apiUrl: string;
  /** The OAuth host: `http://127.0.0.1:PORT`; the token endpoint is `POST {loginUrl}/oauth/token`. */
  readonly loginUrl: string;
  /** The streaming endpoint: `ws://127.0.0.1:PORT/api/v2/streaming/interactions`. */
  readonly streamUrl: string;
  /** The client id that it accepts. */
  readonly clientId: string;
  /** The client secret that it accepts. */
  readonly clientSecret: string;
  /** What it has done so far, the notification service aside. */
  readonly totals: SimulatorTotals;
  /** The notification service: what it has done, and what can be done to it. */
  readonly notifications: NotificationControls;
  /** How many WebSocket connections are open, or closing. */
  readonly openSockets: number;
  /** The last 1000 messages from clients of the streaming endpoint, oldest first. */
  readonly received: readonly ReceivedMessage[];
  /** The last 10,000 attempts to upgrade, oldest first. */
  readonly upgradeRequests: readonly UpgradeRequest[];
  /** Makes all tokens issued so far invalid, and ends the channels made with them. Streaming connections stay. */
  revokeTokens(): void;
  /** Destroys all connections at once, without a closing handshake; what was not yet written is lost. */
  dropAll(): void;
  /** Closes all connections. @defaultValue code 1001, no reason */
  closeAll(code?: number, reason?: string): void;
  /** Closes everything, and is done when no socket, timer or server is left. May be called more than once. */
  close(): Promise<void>;
}

const REQUESTS_KEPT = 10_000;

/** How long clients have to complete the closing handshake when the simulator closes, in milliseconds. */
const CLOSE_GRACE = 250;

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? '';

/**
 * **Starts a Genesys Cloud on loopback**: a token endpoint and a streaming endpoint that sends made-up contact-centre
 * frames at a steady rate, with the faults that a seed or a script calls for.
 *
 * Everything it sends is a function of `seed` and of the connection's ordinal: the same bytes in every run, on every
 * machine. Each frame is told to `onSent` together with what a correct client makes of it, so that a test can hold the
 * client to account. It shares no code with the client.
 *
 * It is also the platform's notification service: REST at `apiUrl`, sockets at the addresses that its channels have.
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
  const { clientId, clientSecret } = settings;
  const tokens = tokenStore({
    lifetime: settings.tokenLifetime,
    now: () => performance.now(),
    newToken: () => randomBytes(32).toString('base64url'),
  });
  const sockets = socketSet();
  const tcpSockets = new Set<Socket>();
  const upgradeRequests = keepLast<UpgradeRequest>(REQUESTS_KEPT);
  let issued = 0;
  let refused = 0;
  let port = settings.port;
  let closing: Promise<void> | undefined;

  const answerTokenRequest = tokenEndpoint({
    ...settings,
    grantedScopes: settings.grantedScopes,
    tokens,
    issued: () => (issued += 1),
  });
  const streaming = streamingEndpoint(settings, tokens, sockets);
  const openChannel = channelEndpoint(sockets);

  function answer(request: HttpRequest): HttpResponse | undefined {
    if (request.path === TOKEN_PATH) return answerTokenRequest(request);
    if (request.path === STREAM_PATH) return errorResponse(426, { upgrade: 'websocket' });
    return notifications.answer(request) ?? errorResponse(404);
  }

  const server = createServer((request, response) => serveHttp(request, response, answer));

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
    refused += 1;
    const opened = (): void => {
      refused -= 1;
    };
    const path = pathOf(request);
    const serveChannel = notifications.accept(path);
    if (closing) refuseUpgrade(socket, 503);
    else if (path === STREAM_PATH) streaming.upgrade(request, socket, head, token, opened);
    else if (serveChannel) {
      openChannel(request, socket, head, (link) => {
        opened();
        return serveChannel(link);
      });
    } else refuseUpgrade(socket, 404);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  ({ port } = server.address() as AddressInfo);
  const notifications = notificationPlatform(settings.notifications, {
    clock: asyncScheduler,
    tokens,
    seed: settings.seed,
    newId: randomUUID,
    streamingOrigin: `ws://127.0.0.1:${port}`,
  });

  async function closeEverything(): Promise<void> {
    const serverClosed = new Promise<void>((resolve) => server.close(() => resolve()));
    const socketsClosed = sockets.allClosed();
    sockets.closeAll(1001, 'simulator closing');
    notifications.stop();
    let grace: NodeJS.Timeout | undefined;
    await Promise.race([
      socketsClosed,
      new Promise<void>((resolve) => {
        grace = setTimeout(resolve, CLOSE_GRACE);
      }),
    ]);
    clearTimeout(grace);
    sockets.terminateAll();
    for (const socket of tcpSockets) socket.destroy();
    await Promise.all([serverClosed, socketsClosed]);
  }

  return {
    apiUrl: `http://127.0.0.1:${port}`,
    loginUrl: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}${STREAM_PATH}`,
    clientId,
    clientSecret,
    get totals() {
      return { ...streaming.totals, tokens: issued, refused, expected: { ...streaming.totals.expected } };
    },
    notifications: notifications.controls,
    get openSockets() {
      return sockets.size;
    },
    get received() {
      return streaming.received();
    },
    get upgradeRequests() {
      return upgradeRequests.list();
    },
    revokeTokens: () => notifications.revokeTokens(),
    dropAll: () => sockets.terminateAll(),
    closeAll: (code = 1001, reason = '') => {
      checkCloseCode('closeAll: code', code);
      checkCloseReason('closeAll: reason', reason);
      sockets.closeAll(code, reason);
    },
    close: () => (closing ??= closeEverything()),
  };
}
