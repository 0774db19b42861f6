import { ClosedError, NetworkError, type RxFrameError } from '../../operators/errors.ts';
import type { OutgoingMessage, Socket, SocketEvents, SocketFactory, SocketRequest } from './socket.ts';

/**
 * **Sockets of the web platform.** Neither headers nor pings can be sent, `maxPayload` can't be enforced, and text that
 * is not UTF-8 ends the connection, with a code that is the platform's choice (1006 in Chromium). A socket that is to be
 * paused is a `WebSocketStream`, where there is one.
 */
export const browserSocket: SocketFactory = {
  sendsHeaders: false,
  pings: false,
  open: (request, events) =>
    request.pausable && 'WebSocketStream' in globalThis ? openStream(request, events) : openPlain(request, events),
};

const utf8 = new TextEncoder();

function deliver(events: SocketEvents, data: string | ArrayBuffer | Uint8Array): void {
  if (typeof data === 'string') events.message(utf8.encode(data), false);
  else events.message(data instanceof Uint8Array ? data : new Uint8Array(data), true);
}

function neverOpened(request: SocketRequest): NetworkError {
  return new NetworkError(`The connection to ${request.shownAs} could not be opened; browsers do not say why.`);
}

function openPlain(request: SocketRequest, events: SocketEvents): Socket {
  const socket = new WebSocket(request.url, [...request.protocols]);
  socket.binaryType = 'arraybuffer';
  const listeners = new AbortController();
  const { signal } = listeners;
  let opened = false;

  const end = (failure?: RxFrameError) => {
    if (signal.aborted) return;
    listeners.abort();
    events.end(failure);
  };
  const open = () => {
    opened = true;
    events.open();
  };
  const close = ({ code, reason }: CloseEvent) => {
    if (!opened) end(neverOpened(request));
    else end(code === 1000 ? undefined : new ClosedError(code, reason));
  };
  socket.addEventListener('open', open, { signal });
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => deliver(events, data), {
    signal,
  });
  socket.addEventListener('close', close, { signal });

  return {
    send: (message: OutgoingMessage) => socket.send(message),
    close: (code, reason) => socket.close(code, reason),
    terminate() {
      // The platform has no harder way; what comes after is no longer listened to.
      socket.close();
      end(new ClosedError(1006, ''));
    },
  };
}

/** What Chromium has, and TypeScript's library does not: https://developer.mozilla.org/docs/Web/API/WebSocketStream */
interface WebSocketStream {
  readonly opened: Promise<{
    readonly readable: ReadableStream<string | ArrayBuffer | Uint8Array>;
    readonly writable: WritableStream<OutgoingMessage>;
  }>;
  readonly closed: Promise<{ readonly closeCode: number; readonly reason: string }>;
  close(info: { readonly closeCode: number; readonly reason: string }): void;
}

/** The two ends of a stream that is open. */
interface Ends {
  readonly reader: ReadableStreamDefaultReader<string | ArrayBuffer | Uint8Array>;
  readonly writer: WritableStreamDefaultWriter<OutgoingMessage>;
}

function openStream(request: SocketRequest, events: SocketEvents): Socket {
  const { WebSocketStream } = globalThis as unknown as {
    WebSocketStream: new (url: string, options: { protocols: string[]; signal: AbortSignal }) => WebSocketStream;
  };
  const opening = new AbortController();
  const socket = new WebSocketStream(request.url, { protocols: [...request.protocols], signal: opening.signal });
  let ends: Ends | undefined;
  let ended = false;
  let resumed: Promise<void> | undefined;
  let resume = () => {};

  const end = (failure?: RxFrameError) => {
    if (ended) return;
    ended = true;
    resume();
    events.end(failure);
  };

  // Between two messages it waits for nothing but a pause: a close would overtake what is not yet read, and drop it.
  const read = async ({ reader }: Ends) => {
    for (;;) {
      while (resumed !== undefined && !ended) await resumed;
      const { done, value } = await reader.read();
      if (done || ended) return;
      deliver(events, value);
    }
  };

  const closedWith = (code: number, reason: string): RxFrameError | undefined => {
    if (code !== 1000) return new ClosedError(code, reason);
    if (resumed === undefined) return undefined;
    return new NetworkError(
      'The connection was closed with code 1000 while it was paused: its last messages may be lost.',
    );
  };

  socket.opened.then(
    ({ readable, writable }) => {
      if (ended) return;
      ends = { reader: readable.getReader(), writer: writable.getWriter() };
      events.open();
      // How the stream ended is what `closed` tells.
      read(ends).catch(() => undefined);
    },
    () => end(neverOpened(request)),
  );
  socket.closed.then(
    ({ closeCode, reason }) => end(closedWith(closeCode, reason)),
    () => end(ends === undefined ? neverOpened(request) : new ClosedError(1006, '')),
  );

  return {
    send(message) {
      // A write fails only where the connection does, which `closed` tells.
      ends?.writer.write(message).catch(() => undefined);
    },
    pause() {
      resumed ??= new Promise((resolve) => (resume = resolve));
    },
    resume() {
      resumed = undefined;
      resume();
    },
    close: (closeCode, reason) => (ends === undefined ? opening.abort() : socket.close({ closeCode, reason })),
    terminate() {
      // The signal ends the opening handshake only; once open, letting go of the messages is what closes.
      opening.abort();
      ends?.reader.cancel().catch(() => undefined);
      end(new ClosedError(1006, ''));
    },
  };
}
