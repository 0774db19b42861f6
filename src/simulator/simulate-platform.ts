import type { SchedulerLike } from 'rxjs';
// eslint-disable-next-line no-restricted-imports -- the interface that it implements
import type { SocketFactory } from '../connection/socket.ts';
import { LONGEST_DELAY, checkCount, checkMembers, checkNumber, checkPositive, checkText } from './checks.ts';
import { errorResponse } from './error-response.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';
import { memoryFetch } from './notifications/memory-fetch.ts';
import { memorySocket, type OpenSocket } from './notifications/memory-socket.ts';
import type { NotificationControls } from './notifications/notification-controls.ts';
import {
  NOTIFICATION_OPTION_NAMES,
  resolveNotificationOptions,
  type NotificationOptions,
} from './notifications/notification-options.ts';
import { notificationPlatform } from './notifications/notification-platform.ts';
import { integerBetween, mixSeeds, mulberry32, uuid } from './random.ts';
import { TOKEN_PATH, tokenEndpoint } from './token-endpoint.ts';
import { tokenStore } from './token-store.ts';

/** Options of `simulatePlatform`, besides those of the notification service. */
export interface SimulatePlatformOptions extends NotificationOptions {
  /** What all times are taken from: a `VirtualTimeScheduler`, to be driven by `driveTime`. */
  readonly scheduler: SchedulerLike;
  /** What ids, jitter and activity are made from, 0 to 2³² − 1: the same seed, the same day. @defaultValue 1 */
  readonly seed?: number;
  /** The client id that is accepted. @defaultValue 'simulator' */
  readonly clientId?: string;
  /** The client secret that is accepted. @defaultValue 'simulator-secret' */
  readonly clientSecret?: string;
  /** The life of a token in seconds, fractions allowed. @defaultValue 86400 */
  readonly tokenLifetime?: number;
  /** How long a REST call takes, there and back, in milliseconds. @defaultValue 50 */
  readonly restLatency?: number;
  /** How long a message takes on a socket, one way, in milliseconds. @defaultValue 20 */
  readonly socketLatency?: number;
  /** How many milliseconds either may take more, at most; the seed says how many. @defaultValue 0 */
  readonly jitter?: number;
}

/** A Genesys Cloud in memory. Its addresses are names only: nothing listens there. */
export interface SimulatedPlatform extends NotificationControls {
  /** For REST calls by {@link fetch}. */
  readonly apiUrl: string;
  /** For `POST {loginUrl}/oauth/token` by {@link fetch}. */
  readonly loginUrl: string;
  /** The client id that it accepts. */
  readonly clientId: string;
  /** The client secret that it accepts. */
  readonly clientSecret: string;
  /** REST and the token endpoint. */
  readonly fetch: typeof globalThis.fetch;
  /** The sockets of channels. */
  readonly socket: SocketFactory;
  /** How many sockets are connecting, open or closing, as far as the clients know. */
  readonly openSockets: number;
  /** Makes a token, without a request. */
  issueToken(): string;
  /** Makes all tokens issued so far invalid, and ends the channels made with them. */
  revokeTokens(): void;
  /** Ends everything and frees all timers; no client is told. */
  stop(): void;
}

const API_URL = 'https://api.simulator.test';
const LOGIN_URL = 'https://login.simulator.test';
const STREAMING_ORIGIN = 'wss://streaming.simulator.test';

const MEMBERS = [
  'scheduler',
  'seed',
  'clientId',
  'clientSecret',
  'tokenLifetime',
  'restLatency',
  'socketLatency',
  'jitter',
  ...NOTIFICATION_OPTION_NAMES,
];

function checked(options: SimulatePlatformOptions): Required<Omit<SimulatePlatformOptions, keyof NotificationOptions>> {
  const at = (name: keyof SimulatePlatformOptions): string => `simulatePlatform: ${name}`;
  checkMembers('simulatePlatform: options', options, MEMBERS);
  const longestLife = Math.floor(LONGEST_DELAY / 1000);
  const settings = {
    scheduler: options.scheduler,
    seed: options.seed ?? 1,
    clientId: options.clientId ?? 'simulator',
    clientSecret: options.clientSecret ?? 'simulator-secret',
    tokenLifetime: options.tokenLifetime ?? 86_400,
    restLatency: options.restLatency ?? 50,
    socketLatency: options.socketLatency ?? 20,
    jitter: options.jitter ?? 0,
  };
  if (typeof (settings.scheduler as Partial<SchedulerLike> | undefined)?.schedule !== 'function') {
    throw new TypeError(`${at('scheduler')} must be a scheduler of RxJS`);
  }
  checkNumber(at('seed'), 'an integer from 0 to 4294967295', settings.seed, 0, 2 ** 32 - 1, true);
  checkText(at('clientId'), settings.clientId);
  checkText(at('clientSecret'), settings.clientSecret);
  const seconds = `a number of seconds above 0 and at most ${longestLife}`;
  checkPositive(at('tokenLifetime'), seconds, settings.tokenLifetime, longestLife);
  for (const name of ['restLatency', 'socketLatency', 'jitter'] as const) checkCount(at(name), settings[name]);
  return settings;
}

/**
 * **A Genesys Cloud in memory, in scheduled time**: the notification service of `startSimulator`, reached by a `fetch` and
 * by sockets that take the milliseconds they are told to take. A day passes in seconds, the same each time.
 *
 * ```ts
 * const scheduler = new VirtualTimeScheduler();
 * const platform = simulatePlatform({ scheduler, activity: { rate: 1000 }, scenario: [{ at: 60_000, do: 'cut' }] });
 * // … hand platform.fetch, platform.socket and scheduler to a client, and subscribe …
 * await driveTime(scheduler, 24 * 60 * 60 * 1000);
 * platform.stop();
 * ```
 *
 * Sockets tell how they ended by the error classes of the `SocketFactory` interface; nothing else is shared with the client.
 *
 * @throws TypeError or RangeError at the call, where an option is not usable
 */
export function simulatePlatform(options: SimulatePlatformOptions): SimulatedPlatform {
  const { scheduler, seed, jitter, clientId, clientSecret, ...settings } = checked(options);
  const idRandom = mulberry32(mixSeeds(seed, 1));
  const jitterRandom = mulberry32(mixSeeds(seed, 2));
  const newId = (): string => uuid(idRandom);
  const taking = (latency: number) => (): number => latency + integerBetween(jitterRandom, 0, jitter);
  const sockets = new Set<OpenSocket>();

  const tokens = tokenStore({ lifetime: settings.tokenLifetime, now: () => scheduler.now(), newToken: newId });
  const platform = notificationPlatform(
    resolveNotificationOptions((name) => `simulatePlatform: ${name}`, notificationOptionsOf(options)),
    { clock: scheduler, tokens, seed, newId, streamingOrigin: STREAMING_ORIGIN },
  );
  const answerTokenRequest = tokenEndpoint({
    clientId,
    clientSecret,
    tokenLifetime: settings.tokenLifetime,
    grantedScopes: undefined,
    tokenResponses: [],
    tokens,
    issued: () => undefined,
  });

  function answer({ origin }: URL, request: HttpRequest): HttpResponse | undefined {
    if (origin === LOGIN_URL && request.path === TOKEN_PATH) return answerTokenRequest(request);
    return origin === API_URL ? (platform.answer(request) ?? errorResponse(404)) : undefined;
  }
  const rest = memoryFetch({ clock: scheduler, delay: taking(settings.restLatency), answer });

  const { controls } = platform;
  return {
    ...controls,
    get totals() {
      return controls.totals;
    },
    apiUrl: API_URL,
    loginUrl: LOGIN_URL,
    clientId,
    clientSecret,
    fetch: rest.fetch,
    socket: memorySocket({
      scheduler,
      delay: taking(settings.socketLatency),
      accept: ({ origin, pathname }) => (origin === STREAMING_ORIGIN ? platform.accept(pathname) : undefined),
      opened: (socket) => sockets.add(socket),
      closed: (socket) => sockets.delete(socket),
    }),
    get openSockets() {
      return sockets.size;
    },
    issueToken: () => tokens.issue(clientId),
    revokeTokens: () => platform.revokeTokens(),
    stop: () => {
      platform.stop();
      rest.stop();
      for (const socket of sockets) socket.release();
      sockets.clear();
    },
  };
}

/** The options of the notification service among those of the platform. */
function notificationOptionsOf(options: SimulatePlatformOptions): NotificationOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => NOTIFICATION_OPTION_NAMES.includes(name)));
}
