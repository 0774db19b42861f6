/* eslint-disable no-restricted-imports -- A SocketFactory tells how a socket ended by the errors of its own interface. */
import type { SchedulerLike } from 'rxjs';
import { ClosedError, NetworkError, type RxFrameError } from '../../../operators/errors.ts';
import type { OutgoingMessage, Socket, SocketEvents, SocketFactory, SocketRequest } from '../../connection/socket.ts';
/* eslint-enable no-restricted-imports */
import type { Timer } from '../clock.ts';
import type { ClientLink, LinkEvents } from './client-link.ts';
import { wire } from './wire.ts';

/** Options of {@link memorySocket}. */
export interface MemorySocketOptions {
  readonly scheduler: SchedulerLike;
  /** How long the next message takes from one end to the other, in milliseconds. */
  readonly delay: () => number;
  /** Takes a connection to an address; undefined where nothing is there. */
  readonly accept: (url: URL) => ((link: ClientLink) => LinkEvents) | undefined;
  /** Called when a socket is made. */
  readonly opened: (socket: OpenSocket) => void;
  /** Called when it is over at both ends, as far as they can know. */
  readonly closed: (socket: OpenSocket) => void;
}

/** A socket that is not gone yet. */
export interface OpenSocket {
  /** Lets go of it, and of its timers, without telling the client. */
  release(): void;
}

/** What travels to the client. */
type Inbound =
  | { readonly kind: 'open' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'message'; readonly text: string; readonly event: number | undefined }
  | { readonly kind: 'end'; readonly code: number; readonly reason: string };

/** What travels to the server. */
type Outbound =
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number }
  | { readonly kind: 'gone' };

/** The code of a connection that ended without a close frame: RFC 6455 section 7.4.1. */
const ABNORMAL = 1006;

/**
 * **Sockets without a network, in the time of a scheduler.** They keep the order of messages, answer pings, can be paused,
 * and enforce `maxPayload`.
 */
export function memorySocket(options: MemorySocketOptions): SocketFactory {
  return {
    sendsHeaders: true,
    pings: true,
    scheduler: options.scheduler,
    open: (request, events) => openSocket(request, events, options),
  };
}

function textOf(message: OutgoingMessage): string {
  if (typeof message === 'string') return message;
  return new TextDecoder().decode(message);
}

function openSocket(request: SocketRequest, events: SocketEvents, options: MemorySocketOptions): Socket {
  const { scheduler, delay, accept } = options;
  let server: LinkEvents | undefined;
  let isOver = false;
  let isMuted = false;
  /** Whether the server has yet to learn that the client is gone. */
  let isLeaving = false;
  let termination: Timer | undefined;

  const lose = (item: Inbound): void => {
    if (item.kind === 'message' && item.event !== undefined) server?.settled(item.event, false);
  };
  const loseInbound = (): void => inbound.clear().forEach(lose);

  /** The end of it for the client; `failure` is what it is told. */
  const end = (failure?: RxFrameError): void => {
    if (isOver) return;
    isOver = true;
    loseInbound();
    events.end(failure);
    if (!isLeaving) options.closed(self);
  };

  const read = (item: Inbound): void => {
    switch (item.kind) {
      case 'open':
        events.open();
        break;
      case 'pong':
        events.pong();
        break;
      case 'refused':
        end(new NetworkError(`Nothing listens at ${new URL(request.url).host}${new URL(request.url).pathname}.`));
        break;
      case 'message': {
        const data = Buffer.from(item.text);
        const fits = data.length <= request.maxPayload;
        if (item.event !== undefined) server?.settled(item.event, fits);
        if (fits) events.message(data, false);
        else abandon(new ClosedError(1009, 'a message was larger than maxPayload'));
        break;
      }
      case 'end':
        end(item.code === 1000 ? undefined : new ClosedError(item.code, item.reason));
    }
  };
  const inbound = wire<Inbound>(scheduler, delay, read);

  const deliver = (item: Inbound): void => {
    if (isOver || isMuted) lose(item);
    else inbound.push(item);
  };

  /** What is under way is lost, in both directions; that the client is gone, too. */
  const breakOff = (): void => {
    outbound.clear();
    loseInbound();
    if (isLeaving) options.closed(self);
  };

  const link: ClientLink = {
    send: (text, event) => deliver({ kind: 'message', text, event }),
    close: (code, reason) => deliver({ kind: 'end', code, reason }),
    cut: () => {
      breakOff();
      deliver({ kind: 'end', code: ABNORMAL, reason: '' });
    },
    mute: () => {
      isMuted = true;
      breakOff();
    },
  };

  const serve = (item: Outbound): void => {
    switch (item.kind) {
      case 'upgrade': {
        const served = accept(new URL(request.url));
        deliver({ kind: served ? 'open' : 'refused' });
        server = served?.(link);
        break;
      }
      case 'ping':
        deliver({ kind: 'pong' });
        break;
      case 'message':
        server?.message(item.text);
        break;
      case 'close':
        server?.end();
        deliver({ kind: 'end', code: item.code, reason: '' });
        break;
      case 'gone':
        server?.end();
        options.closed(self);
    }
  };
  const outbound = wire<Outbound>(scheduler, delay, serve);

  const tell = (item: Outbound): void => {
    if (!isOver && !isMuted) outbound.push(item);
  };

  /** The client lets go: the server learns of it in time, unless the connection is half-open. */
  const abandon = (failure: RxFrameError): void => {
    if (isOver) return;
    isLeaving = !isMuted;
    tell({ kind: 'gone' });
    end(failure);
  };

  const self: OpenSocket = {
    release: () => {
      isOver = true;
      termination?.unsubscribe();
      outbound.clear();
      loseInbound();
    },
  };

  options.opened(self);
  tell({ kind: 'upgrade' });
  return {
    send: (message) => tell({ kind: 'message', text: textOf(message) }),
    ping: () => tell({ kind: 'ping' }),
    pause: () => inbound.hold(true),
    resume: () => inbound.hold(false),
    close: (code) => tell({ kind: 'close', code }),
    terminate: () => {
      termination ??= scheduler.schedule(() => abandon(new ClosedError(ABNORMAL, '')));
    },
  };
}
