import { Subscription, type SchedulerLike } from 'rxjs';
import { TimeoutError, type RxFrameError } from '../../operators/errors.ts';
import type { Flow } from '../../operators/flow.ts';
import type { OutgoingMessage, Socket } from './socket.ts';

/** How a connection is kept under watch. */
export interface HeartbeatOptions {
  /** How often to ping, in milliseconds; never before the last ping was answered or timed out. @defaultValue 30,000 */
  readonly interval?: number;
  /** How long to wait for an answer, in milliseconds. @defaultValue 10,000 */
  readonly timeout?: number;
  /** Sent instead of a ping (RFC 6455 section 5.5.2), for servers that want one of their own and for browsers. */
  readonly message?: () => OutgoingMessage;
}

/** {@link HeartbeatOptions} with the defaults filled in. */
export interface CheckedHeartbeat {
  readonly interval: number;
  readonly timeout: number;
  readonly message: (() => OutgoingMessage) | undefined;
}

/** What a heartbeat looks at, and does. */
interface Watched {
  readonly socket: Socket;
  readonly scheduler: SchedulerLike;
  readonly flow: Flow | undefined;
  /** How many messages and pongs have come. */
  readonly received: () => number;
  readonly fail: (failure: RxFrameError) => void;
  /** Where an exception of `message` goes. */
  readonly error: (error: unknown) => void;
}

/**
 * Pings every `interval`, and fails the connection where nothing at all, pong or message, has come `timeout` after a ping.
 * A paused socket is not read, so no answer could be seen: it is left in peace.
 */
export function startHeartbeat(
  { interval, timeout, message }: CheckedHeartbeat,
  { socket, scheduler, flow, received, fail, error }: Watched,
): Subscription {
  let timer = Subscription.EMPTY;
  const after = (delay: number, work: () => void) => {
    timer = scheduler.schedule(work, delay);
  };

  const ping = () => {
    if (flow?.held === true) {
      after(interval, ping);
      return;
    }
    const before = received();
    try {
      if (message === undefined) socket.ping?.();
      else socket.send(message());
    } catch (thrown) {
      error(thrown);
      return;
    }
    after(timeout, () => look(before, false));
  };

  const look = (before: number, last: boolean) => {
    // What comes now is the end, and it has a cause of its own.
    if (socket.isClosing === true) return;
    if (received() !== before || flow?.held === true) after(Math.max(interval - timeout, 1), ping);
    // Once more after a turn of the event loop: an answer may be there that a busy consumer, or a flow that was only
    // just released, has kept from being read.
    else if (!last) after(1, () => look(before, true));
    else {
      fail(
        new TimeoutError(`Nothing came within ${timeout} ms of a ping: the connection is dead.`, 'heartbeat', timeout),
      );
    }
  };

  after(interval, ping);
  return new Subscription(() => timer.unsubscribe());
}
