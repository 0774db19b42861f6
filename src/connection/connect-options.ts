import { platformSocket } from '#socket';
import {
  asyncScheduler,
  from,
  type NextObserver,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
  type TimestampProvider,
} from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import type { Flow } from '../../operators/flow.ts';
import {
  callable,
  duration,
  flag,
  knownOptions,
  optionError,
  positiveInteger,
  withMethod,
} from '../../operators/options.ts';
import { reporter } from '../../operators/reporter.ts';
import type { PerAttempt } from '../auth/per-attempt.ts';
import type { TokenSource } from '../auth/token-source.ts';
import { checkSafeForSecrets, webSocketUrl } from './address.ts';
import { checkAttempt } from './attempt.ts';
import type { CheckedHeartbeat, HeartbeatOptions } from './heartbeat.ts';
import type { OutgoingMessage, SocketFactory } from './socket.ts';

/** Options of `connect`. */
export interface ConnectOptions {
  /** Where to connect: `wss://…`, or `ws://…`. */
  readonly url: PerAttempt<string | URL>;
  /** The subprotocols to offer (RFC 6455 section 1.9). @defaultValue none */
  readonly protocols?: PerAttempt<string | readonly string[]>;
  /** Headers of the upgrade request. Not in browsers. @defaultValue `Accept: application/json` and a `User-Agent` */
  readonly headers?: PerAttempt<Readonly<Record<string, string>>>;
  /**
   * The bearer token for the upgrade request (RFC 6750 section 2.1). Not in browsers. After a 401 or 403 a
   * {@link TokenSource} is told to forget it. @defaultValue none
   */
  readonly token?: PerAttempt<string> | TokenSource;
  /**
   * Send the token, or a password in the address, over `ws://` to a host that is not this machine, where anybody on the way can
   * read it. @defaultValue false
   */
  readonly allowInsecureToken?: boolean;
  /** The path of the address is a secret, as where whoever knows it may listen: errors name the host only. @defaultValue false */
  readonly hidePath?: boolean;
  /**
   * The largest message taken, in bytes. The socket reads it off the frame's header: a larger one closes the connection
   * with 1009 before memory is allocated. Browsers have no such cap. @defaultValue 16 MiB
   */
  readonly maxPayload?: number;
  /** How long the opening handshake may take, in milliseconds. @defaultValue 10,000 */
  readonly handshakeTimeout?: number;
  /** How long the closing handshake may take before the socket is let go, in milliseconds. @defaultValue 2,000 */
  readonly closeTimeout?: number;
  /**
   * Notices a connection that died in silence; `false`: doesn't.
   * @defaultValue `{ interval: 30_000, timeout: 10_000 }`; in browsers false, because they can't ping: give a `message`
   */
  readonly heartbeat?: false | HeartbeatOptions;
  /** What to send: subscribed while the socket is open. Its error is the connection's. @defaultValue nothing */
  readonly outgoing$?: ObservableInput<OutgoingMessage>;
  /** Where the states of the connection are reported. It is never completed. @defaultValue nowhere */
  readonly state?: NextObserver<ConnectionState>;
  /** By which a slow consumer pauses the socket: the one that `processWith` has. @defaultValue none */
  readonly flow?: Flow;
  /** What to open the socket with. @defaultValue `ws` in Node, the platform's WebSocket in browsers */
  readonly socket?: SocketFactory;
  /** Timers, and all times of frames. @defaultValue `asyncScheduler`, and `performance` for `receivedAt` */
  readonly scheduler?: SchedulerLike;
}

const OPTIONS = [
  'url',
  'protocols',
  'headers',
  'token',
  'allowInsecureToken',
  'hidePath',
  'maxPayload',
  'handshakeTimeout',
  'closeTimeout',
  'heartbeat',
  'outgoing$',
  'state',
  'flow',
  'socket',
  'scheduler',
];

/** The largest cap that `ws` keeps: it counts in 32 bits with a sign, and one more would be no cap at all. */
const LARGEST_CAP = 2 ** 31 - 1;

/** {@link ConnectOptions} with the defaults filled in. */
export type CheckedConnectOptions = ReturnType<typeof checkConnectOptions>;

/** Fills the defaults in, and throws where an option is not allowed. */
export function checkConnectOptions(options: ConnectOptions) {
  knownOptions('connect', options, OPTIONS);
  const socket = withMethod('connect: socket', 'open', options.socket ?? platformSocket);
  checkAddress(options);
  for (const name of ['token', 'headers'] as const) {
    if (options[name] !== undefined && !socket.sendsHeaders) {
      throw new TypeError(
        `connect: ${name} can't be sent from a browser, whose WebSocket sends no headers of ours. Put the token into url or protocols, which may be functions that are asked at each attempt.`,
      );
    }
  }
  checkAttempt(options);
  const scheduler = options.scheduler ?? socket.scheduler;
  const clock: TimestampProvider = scheduler ?? performance;
  return {
    ...options,
    socket,
    allowInsecureToken: flag('connect: allowInsecureToken', options.allowInsecureToken ?? false),
    hidePath: flag('connect: hidePath', options.hidePath ?? false),
    heartbeat: checkHeartbeat(options.heartbeat ?? (socket.pings ? {} : false), socket.pings),
    maxPayload: checkMaxPayload(options.maxPayload ?? 16 * 1024 * 1024),
    handshakeTimeout: duration('connect: handshakeTimeout', options.handshakeTimeout ?? 10_000),
    closeTimeout: duration('connect: closeTimeout', options.closeTimeout ?? 2_000),
    outgoing$: checkOutgoing(options.outgoing$),
    report: reporter('connect: state', options.state),
    flow: options.flow === undefined ? undefined : withMethod('connect: flow', 'attach', options.flow),
    clock,
    scheduler: withMethod('connect: scheduler', 'schedule', scheduler ?? asyncScheduler),
  };
}

/** What is known of the address before the first attempt. */
function checkAddress({ url, token, allowInsecureToken }: ConnectOptions): void {
  if (typeof url === 'function') return;
  if (typeof url !== 'string' && !((url as unknown) instanceof URL)) {
    throw optionError('connect: url', 'an address or a function', url, true);
  }
  checkSafeForSecrets(webSocketUrl(url), token !== undefined, allowInsecureToken);
}

function checkMaxPayload(maxPayload: number): number {
  if (positiveInteger('connect: maxPayload', maxPayload) <= LARGEST_CAP) return maxPayload;
  throw optionError('connect: maxPayload', `at most ${LARGEST_CAP}`, maxPayload);
}

function checkOutgoing(outgoing$: ConnectOptions['outgoing$']): Observable<OutgoingMessage> | undefined {
  if (outgoing$ === undefined) return undefined;
  try {
    return from(outgoing$);
  } catch {
    throw optionError('connect: outgoing$', 'an Observable, or what RxJS takes for one', outgoing$, true);
  }
}

function checkHeartbeat(heartbeat: false | HeartbeatOptions, pings: boolean): false | CheckedHeartbeat {
  if (heartbeat === false) return false;
  knownOptions('connect: heartbeat', heartbeat, ['interval', 'timeout', 'message']);
  if (!pings && heartbeat.message === undefined) {
    throw new TypeError("connect: heartbeat needs a message here: a browser's WebSocket can't send pings");
  }
  return {
    interval: duration('connect: heartbeat.interval', heartbeat.interval ?? 30_000),
    timeout: duration('connect: heartbeat.timeout', heartbeat.timeout ?? 10_000),
    message: heartbeat.message === undefined ? undefined : callable('connect: heartbeat.message', heartbeat.message),
  };
}
