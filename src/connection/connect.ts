import { Observable, Subscription, tap, type Subscriber } from 'rxjs';
import { AuthError, ClosedError, RxFrameError, TimeoutError } from '../../operators/errors.ts';
import type { Flow } from '../../operators/flow.ts';
import { RawFrame } from '../../operators/frame.ts';
import { isTokenSource } from '../auth/given-token.ts';
import { passwordOf, publicUrl } from './address.ts';
import { attempt, type Attempt } from './attempt.ts';
import { checkConnectOptions, type CheckedConnectOptions, type ConnectOptions } from './connect-options.ts';
import { newConnectionId } from './connection-id.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { Socket } from './socket.ts';

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
  const checked = checkConnectOptions(options);
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

/** Opens a socket for one subscriber, and closes it when that unsubscribes. */
function open({ token, ...address }: Attempt, options: CheckedConnectOptions, subscriber: Subscriber<RawFrame>): void {
  const { clock, scheduler, flow, heartbeat, report } = options;
  const connectionId = newConnectionId();
  const shownAs = publicUrl(address.url, options.hidePath);
  const running = new Subscription();
  let letGo = Subscription.EMPTY;
  let sequence = 0;
  let pongs = 0;
  let openedAt: number | undefined;
  let ended = false;

  const end = (cause?: RxFrameError) => {
    if (ended) return;
    ended = true;
    const failure = withoutSecrets(cause, [token, passwordOf(address.url)]);
    running.unsubscribe();
    letGo.unsubscribe();
    report({
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
    report({ status: 'open', connectionId });
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

  report({ status: 'connecting', connectionId });
  if (subscriber.closed) {
    end();
    return;
  }
  let socket: Socket;
  try {
    socket = options.socket.open(
      {
        ...address,
        shownAs,
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
    report({ status: 'closed', connectionId, cause: thrown });
    error(thrown);
    return;
  }
  const handshake = scheduler.schedule(() => {
    fail(
      new TimeoutError(
        `${shownAs} did not answer the upgrade within ${options.handshakeTimeout} ms.`,
        'handshake',
        options.handshakeTimeout,
      ),
    );
  }, options.handshakeTimeout);
  running.add(handshake);

  subscriber.add(() => {
    if (ended) return;
    running.unsubscribe();
    report({ status: 'closing', connectionId });
    letGo = scheduler.schedule(() => {
      end();
      socket.terminate();
    }, options.closeTimeout);
    socket.close(1000, '');
  });
}

/** A server that gives our token or password back as the reason of its close does not get it into an error. */
function withoutSecrets(
  failure: RxFrameError | undefined,
  secrets: readonly (string | undefined)[],
): RxFrameError | undefined {
  if (!(failure instanceof ClosedError)) return failure;
  if (!secrets.some((secret) => secret !== undefined && failure.reason.includes(secret))) return failure;
  return new ClosedError(failure.closeCode, 'the reason given holds our token or password, and is left out');
}

/** Lets a flow pause the socket, where it can be paused. */
function attach(flow: Flow, socket: Socket): Subscription {
  if (socket.pause === undefined) return Subscription.EMPTY;
  const valve = { pause: () => socket.pause?.(), resume: () => socket.resume?.() };
  flow.attach(valve);
  return new Subscription(() => flow.detach(valve));
}
