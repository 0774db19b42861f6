import { platformSocket } from '#socket';
import {
  asyncScheduler,
  from,
  Observable,
  Subject,
  Subscription,
  tap,
  type NextObserver,
  type ObservableInput,
  type SchedulerLike,
  type Subscriber,
} from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { AuthError, RxFrameError, TimeoutError } from '../../operators/errors.ts';
import type { Flow } from '../../operators/flow.ts';
import { RawFrame } from '../../operators/frame.ts';
import { callable, duration, knownOptions, optionError, positiveInteger, withMethod } from '../../operators/options.ts';
import type { TokenSource } from '../auth/token-source.ts';
import { checkSafeForToken, publicUrl, webSocketUrl } from './address.ts';
import { attempt, checkAttempt, isTokenSource, type Attempt, type PerAttempt } from './attempt.ts';
import { newConnectionId } from './connection-id.ts';
import { startHeartbeat, type CheckedHeartbeat, type HeartbeatOptions } from './heartbeat.ts';
import type { OutgoingMessage, Socket, SocketFactory } from './socket.ts';

/** Options of {@link connect}. */
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
  /** Send the token over `ws://` to a host that is not this machine, where anybody on the way can read it. @defaultValue false */
  readonly allowInsecureToken?: boolean;
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

/**
 * **A WebSocket as a cold Observable of frames**: subscribing opens one, unsubscribing closes it (1000, a bounded wait, then
 * the socket is let go). Each subscription has a connection of its own; `share()` it to have one for several.
 *
 *     socket    ..open..a..b..close(1000)
 *     out       --------a--b--|
 *     socket    ..open..a..close(1006)
 *     out       --------a--#              ClosedError
 *
 * It completes where the server closes with 1000. Every other end is an error of a class of its own (`AuthError`,
 * `ThrottledError`, `UpgradeError`, `ClosedError`, `TimeoutError`, `NetworkError`, `TlsError`, …) whose `openFor` says how long the connection
 * had been open: `reconnect` decides by it. URL, subprotocols, headers and token may be functions, asked afresh for each subscription.
 *
 * In browsers the platform's WebSocket is used. It can't send headers, so `token` and `headers` fail at the call there:
 * put the token into `url` or `protocols`, which may be functions.
 *
 * ```ts
 * const frames$ = connect({ url: 'wss://example.org/feed', token: () => fetchToken() }).pipe(reconnect());
 * ```
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 * @throws UrlError or InsecureUrlError at the call, where the address is no WebSocket's, or not safe for the token
 */
export function connect(options: ConnectOptions): Observable<RawFrame> {
  const checked = check(options);
  return new Observable((subscriber) =>
    attempt(checked, checked.socket.sendsHeaders).subscribe({
      next: (made) => open(made, checked, subscriber),
      error: (error: unknown) => {
        if (error instanceof RxFrameError) error.openFor = 0;
        subscriber.error(error);
      },
    }),
  );
}

/** The largest cap that `ws` keeps: it counts in 32 bits with a sign, and one more would be no cap at all. */
const LARGEST_CAP = 2 ** 31 - 1;

type Checked = ReturnType<typeof check>;

function check(options: ConnectOptions) {
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
  return {
    ...options,
    socket,
    heartbeat: checkHeartbeat(options.heartbeat ?? (socket.pings ? {} : false), socket.pings),
    maxPayload: checkMaxPayload(options.maxPayload ?? 16 * 1024 * 1024),
    handshakeTimeout: duration('connect: handshakeTimeout', options.handshakeTimeout ?? 10_000),
    closeTimeout: duration('connect: closeTimeout', options.closeTimeout ?? 2_000),
    outgoing$: checkOutgoing(options.outgoing$),
    state: options.state && withMethod('connect: state', 'next', options.state),
    flow: options.flow && withMethod('connect: flow', 'attach', options.flow),
    clock: options.scheduler ?? performance,
    scheduler: withMethod('connect: scheduler', 'schedule', options.scheduler ?? asyncScheduler),
  };
}

/** What is known of the address before the first attempt. */
function checkAddress({ url, token, allowInsecureToken }: ConnectOptions): void {
  if (typeof url === 'function') return;
  if (typeof url !== 'string' && !((url as unknown) instanceof URL)) {
    throw optionError('connect: url', 'an address or a function', url, true);
  }
  const address = webSocketUrl(url);
  if (token !== undefined && allowInsecureToken !== true) checkSafeForToken(address);
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
    message: heartbeat.message && callable('connect: heartbeat.message', heartbeat.message),
  };
}

/** Opens a socket for one subscriber, and closes it when that unsubscribes. */
function open({ token, ...address }: Attempt, options: Checked, subscriber: Subscriber<RawFrame>): void {
  const { clock, scheduler, flow, heartbeat } = options;
  const connectionId = newConnectionId();
  const running = new Subscription();
  // A Subject between, so that an exception of the Observer's is reported as RxJS reports them, and not thrown into the socket.
  const state = new Subject<ConnectionState>();
  if (options.state !== undefined) state.subscribe({ next: (value) => options.state?.next(value) });
  let letGo = Subscription.EMPTY;
  let sequence = 0;
  let pongs = 0;
  let openedAt: number | undefined;
  let ended = false;

  const end = (failure?: RxFrameError) => {
    if (ended) return;
    ended = true;
    running.unsubscribe();
    letGo.unsubscribe();
    state.next({
      status: 'closed',
      connectionId,
      ...(failure !== undefined && !subscriber.closed && { cause: failure }),
    });
    if (failure === undefined) {
      subscriber.complete();
      return;
    }
    failure.openFor = openedAt === undefined ? 0 : clock.now() - openedAt;
    if (failure instanceof AuthError && isTokenSource(options.token)) options.token.invalidate(token);
    subscriber.error(failure);
  };
  const fail = (failure: RxFrameError) => {
    end(failure);
    socket.terminate();
  };
  const error = (thrown: unknown) => subscriber.error(thrown);

  const opened = () => {
    handshake.unsubscribe();
    openedAt = clock.now();
    state.next({ status: 'open', connectionId });
    if (subscriber.closed) return;
    if (flow !== undefined) running.add(attach(flow, socket));
    if (heartbeat) {
      running.add(
        startHeartbeat(heartbeat, { socket, scheduler, flow, received: () => sequence + pongs, fail, error }),
      );
    }
    if (options.outgoing$ !== undefined) {
      // In a `tap`, so that what can't be sent is an error of the connection too.
      const sent$ = options.outgoing$.pipe(tap((message) => socket.send(message)));
      running.add(sent$.subscribe({ error }));
    }
  };

  state.next({ status: 'connecting', connectionId });
  if (subscriber.closed) {
    end();
    return;
  }
  let socket: Socket;
  try {
    socket = options.socket.open(
      {
        ...address,
        maxPayload: options.maxPayload,
        closeTimeout: options.closeTimeout,
        pausable: flow !== undefined,
      },
      {
        open() {
          if (!subscriber.closed) opened();
        },
        message(rawData, isBinary) {
          if (subscriber.closed) return;
          const receivedAt = clock.now();
          subscriber.next(
            new RawFrame({
              rawData,
              isBinary,
              connectionId,
              sequence: sequence++,
              timestamp: scheduler.now(),
              receivedAt,
            }),
          );
        },
        pong: () => (pongs += 1),
        end,
      },
    );
  } catch (thrown) {
    // What the socket can't be made with, such as a subprotocol that is no token: trying again would not help.
    state.next({ status: 'closed', connectionId, cause: thrown });
    error(thrown);
    return;
  }
  const handshake = scheduler.schedule(() => {
    const target = publicUrl(address.url);
    fail(
      new TimeoutError(
        `${target} did not answer the upgrade within ${options.handshakeTimeout} ms.`,
        'handshake',
        options.handshakeTimeout,
      ),
    );
  }, options.handshakeTimeout);
  running.add(handshake);

  subscriber.add(() => {
    if (ended) return;
    running.unsubscribe();
    state.next({ status: 'closing', connectionId });
    letGo = scheduler.schedule(() => {
      end();
      socket.terminate();
    }, options.closeTimeout);
    socket.close(1000, '');
  });
}

/** Lets a flow pause the socket, where it can be paused. */
function attach(flow: Flow, socket: Socket): Subscription {
  if (socket.pause === undefined) return Subscription.EMPTY;
  const valve = { pause: () => socket.pause?.(), resume: () => socket.resume?.() };
  flow.attach(valve);
  return new Subscription(() => flow.detach(valve));
}
