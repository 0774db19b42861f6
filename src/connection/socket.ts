import type { SchedulerLike } from 'rxjs';
import type { RxFrameError } from '../../operators/errors.ts';

/** What a socket is opened with. */
export interface SocketRequest {
  readonly url: string;
  /** The address as errors may show it: without what in it is secret. */
  readonly shownAs: string;
  readonly protocols: readonly string[];
  /** Empty where {@link SocketFactory.sendsHeaders} is false. */
  readonly headers: Readonly<Record<string, string>>;
  /** The largest message taken, in bytes. Enforced by the socket, where the platform lets it. */
  readonly maxPayload: number;
  /** How long a closing handshake that the peer, or a message over `maxPayload`, began may take, in milliseconds. */
  readonly closeTimeout: number;
  /** Whether the socket will be asked to pause. */
  readonly pausable: boolean;
}

/** What a socket tells: nothing before `open` has returned, nothing after `end`. */
export interface SocketEvents {
  open(): void;
  message(rawData: Uint8Array, isBinary: boolean): void;
  /** The answer to a ping came. */
  pong(): void;
  /** The socket is gone, or never came to be; `failure` is absent where it closed with code 1000. Called once. */
  end(failure?: RxFrameError): void;
}

/** What can be sent as one message: text, or bytes. */
export type OutgoingMessage = string | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** One socket, opening or open. */
export interface Socket {
  /** Whether the closing handshake is under way, so that its end comes by itself; absent where that is not known. */
  readonly isClosing?: boolean;
  send(message: OutgoingMessage): void;
  /** Absent where the platform does not let an application ping. */
  ping?(): void;
  /** Stops reading, so that the peer's TCP window fills; absent where the platform can't. */
  pause?(): void;
  resume?(): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Lets go at once, with no handshake. */
  terminate(): void;
}

/**
 * What `connect` opens sockets with: the platform's by default. A test, or a platform of another kind, gives its own.
 */
export interface SocketFactory {
  /** Whether headers can be sent at the upgrade: browsers can't. */
  readonly sendsHeaders: boolean;
  /** Whether pings can be sent: browsers can't. */
  readonly pings: boolean;
  /** What the times of its connections are taken from, where `connect` is not told: sockets in virtual time. */
  readonly scheduler?: SchedulerLike;
  open(request: SocketRequest, events: SocketEvents): Socket;
}
