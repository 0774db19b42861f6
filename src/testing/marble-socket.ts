import { ReplaySubject, type Observable } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { ClosedError, NetworkError, type RxFrameError } from '../../operators/errors.ts';
import type { OutgoingMessage, Socket, SocketEvents, SocketFactory, SocketRequest } from '../connection/socket.ts';
import { upgradeFailure } from '../connection/upgrade-failure.ts';
import { socketLife, type Moment, type PeerValue, type SocketLife, type SubscriptionLogs } from './socket-life.ts';

/** What the client does besides sending messages. */
export type ClientAction = 'ping' | 'pong' | 'pause' | 'resume' | 'terminate' | `close ${number}`;

/** A script of connections, for `connect({ socket })`, and what the client does with them. */
export interface MarbleSocket extends SocketFactory {
  readonly scheduler: TestScheduler;
  /** From when to when each connection was there, for `expectSubscriptions`. The gaps are the waits of `reconnect`. */
  readonly connections: SubscriptionLogs;
  /** What each connection was asked for with: address, subprotocols, headers. */
  readonly requests$: Observable<SocketRequest>;
  /** The messages that the client sends. */
  readonly sent$: Observable<OutgoingMessage>;
  /** What else it does. */
  readonly actions$: Observable<ClientAction>;
}

/**
 * **A scripted WebSocket in virtual time**, for `connect({ socket })`: each string is the life of one connection, in the
 * order in which the client makes them.
 *
 * | marble | what the server does |
 * |---|---|
 * | `o` | accepts the upgrade |
 * | `p` | pings |
 * | `\|` | closes with 1000 |
 * | `#` | is gone: TCP loss |
 * | any other | what `values` says: sends a message, or does what {@link peer} names; without a value, sends that letter. `values` may also give `o` and `p` another meaning |
 *
 * A life that does not end stays open until the client closes it; one that never opens is an upgrade without an answer.
 * Pings and the closing handshake are answered at once, until `peer.stall()`. While the client pauses the socket, what the
 * server sends waits. A message larger than `maxPayload` closes the connection with 1009.
 *
 *     life 1    -o-a-#                 the connection is lost
 *     life 2          ~~~-o-b-|        after a wait
 *     out       ---a--~~~---b-|
 *
 * `connect` takes its time from the scheduler too, where it is given none.
 *
 * ```ts
 * const socket = marbleSocket(scheduler, ['-o-a-#', '-o-b-|'], { a: 'first', b: 'second' });
 * const frames$ = connect({ url: 'wss://example.org', socket }).pipe(reconnect({ random: () => 0.5 }));
 * ```
 *
 * @throws TypeError at the call, where a life can't be, such as a message before `o`. One connection more than there are
 *   lives is the connection's error, and is not tried again
 */
export function marbleSocket(
  scheduler: TestScheduler,
  lives: string | readonly string[],
  values: Readonly<Record<string, PeerValue>> = {},
): MarbleSocket {
  const scripts = (typeof lives === 'string' ? [lives] : lives).map((life, nth) =>
    socketLife(scheduler, nth, life, values),
  );
  // Replayed within the millisecond, so that it does not matter who is subscribed first.
  const requests$ = new ReplaySubject<SocketRequest>(Infinity, 1, scheduler);
  const sent$ = new ReplaySubject<OutgoingMessage>(Infinity, 1, scheduler);
  const actions$ = new ReplaySubject<ClientAction>(Infinity, 1, scheduler);
  const connections: SubscriptionLogs = [];

  return {
    scheduler,
    sendsHeaders: true,
    pings: true,
    requests$: requests$.asObservable(),
    sent$: sent$.asObservable(),
    actions$: actions$.asObservable(),
    connections,
    open(request, events) {
      const nth = connections.length;
      const life$ = scripts[nth];
      if (life$ === undefined) {
        throw new RangeError(`marbleSocket: connection ${nth + 1} was made, and there are lives for ${scripts.length}`);
      }
      requests$.next(request);
      const log = () => void connections.splice(nth, 1, ...life$.subscriptions);
      return play(life$, { request, events, scheduler, sent$, actions$, log });
    },
  };
}

/** What a connection plays on. */
interface Stage {
  readonly request: SocketRequest;
  readonly events: SocketEvents;
  readonly scheduler: TestScheduler;
  readonly sent$: ReplaySubject<OutgoingMessage>;
  readonly actions$: ReplaySubject<ClientAction>;
  /** Called when the connection begins and when it ends. */
  readonly log: () => void;
}

/** Plays one life for one connection. */
function play(life$: SocketLife, { request, events, scheduler, sent$, actions$, log }: Stage): Socket {
  const target = request.shownAs;
  /** What the server did while the socket was paused. */
  const unread: Moment[] = [];
  let isOpen = false;
  let isPaused = false;
  let isStalled = false;

  const end = (failure?: RxFrameError) => {
    if (life.closed) return;
    life.unsubscribe();
    events.end(failure);
  };

  const read = (moment: Moment) => {
    switch (moment.peer) {
      case 'open':
        isOpen = true;
        events.open();
        break;
      case 'message':
        if (moment.rawData.byteLength <= request.maxPayload) events.message(moment.rawData, moment.isBinary);
        else end(new ClosedError(1009, 'a message was larger than maxPayload'));
        break;
      case 'ping':
        actions$.next('pong');
        break;
      case 'stall':
        isStalled = true;
        break;
      case 'close':
        end(moment.code === 1000 ? undefined : new ClosedError(moment.code, moment.reason));
        break;
      case 'lose':
        end(isOpen ? new ClosedError(1006, '') : new NetworkError(`The connection to ${target} failed.`));
        break;
      case 'refuse':
        end(upgradeFailure(target, moment.status, moment.retryAfter?.toString()));
        break;
    }
  };

  /** Until it is paused again, or ends. */
  const readOn = () => {
    while (!isPaused && !life.closed) {
      const moment = unread.shift();
      if (moment === undefined) break;
      read(moment);
    }
  };

  const life = life$.subscribe((moment) => {
    if (isPaused) unread.push(moment);
    else read(moment);
  });

  log();
  life.add(log);

  /** In this millisecond, and not inside the call that asks for it: as a socket does. */
  const soon = (work: () => void) => {
    if (!isStalled) life.add(scheduler.schedule(work));
  };

  return {
    send: (message) => sent$.next(message),
    ping() {
      actions$.next('ping');
      soon(() => events.pong());
    },
    pause() {
      actions$.next('pause');
      isPaused = true;
    },
    resume() {
      actions$.next('resume');
      isPaused = false;
      readOn();
    },
    close(code) {
      actions$.next(`close ${code}`);
      soon(() => end());
    },
    terminate() {
      if (life.closed) return;
      actions$.next('terminate');
      life.add(scheduler.schedule(() => end(new ClosedError(1006, ''))));
    },
  };
}
