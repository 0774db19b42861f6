import { ClosedError, NetworkError } from '../../operators/errors.ts';
import { publicUrl } from './address.ts';
import type { OutgoingMessage, Socket, SocketEvents, SocketFactory, SocketRequest } from './socket.ts';

/**
 * **Sockets of the web platform.** Neither headers nor pings can be sent, `maxPayload` can't be enforced, and text that
 * is not UTF-8 ends the connection with 1007: that is the platform's. A socket that is to be paused is a
 * `WebSocketStream`, where there is one.
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

function openPlain(request: SocketRequest, events: SocketEvents): Socket {
  const socket = new WebSocket(request.url, [...request.protocols]);
  socket.binaryType = 'arraybuffer';
  const listeners = new AbortController();
  const { signal } = listeners;
  let ended = false;

  const end = (code: number, reason: string) => {
    if (ended) return;
    ended = true;
    listeners.abort();
    events.end(code === 1000 ? undefined : new ClosedError(code, reason));
  };
  socket.addEventListener('open', () => events.open(), { signal });
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => deliver(events, data), {
    signal,
  });
  socket.addEventListener('close', ({ code, reason }) => end(code, reason), { signal });

  return {
    send: (message: OutgoingMessage) => socket.send(message),
    close: (code, reason) => socket.close(code, reason),
    terminate() {
      // The platform has no harder way; what comes after is no longer listened to.
      socket.close();
      end(1006, '');
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

function openStream(request: SocketRequest, events: SocketEvents): Socket {
  const { WebSocketStream } = globalThis as unknown as {
    WebSocketStream: new (url: string, options: { protocols: string[]; signal: AbortSignal }) => WebSocketStream;
  };
  const opening = new AbortController();
  const socket = new WebSocketStream(request.url, { protocols: [...request.protocols], signal: opening.signal });
  let writer: WritableStreamDefaultWriter<OutgoingMessage> | undefined;
  let ended = false;
  let resumed: Promise<void> | undefined;
  let resume = () => {};

  const end = (failure?: ClosedError | NetworkError) => {
    if (ended) return;
    ended = true;
    resume();
    events.end(failure);
  };

  const read = async (readable: ReadableStream<string | ArrayBuffer | Uint8Array>) => {
    const reader = readable.getReader();
    for (;;) {
      if (resumed !== undefined) await resumed;
      const { done, value } = await reader.read();
      if (done || ended) return;
      deliver(events, value);
    }
  };

  socket.opened.then(
    ({ readable, writable }) => {
      if (ended) return;
      writer = writable.getWriter();
      events.open();
      // How the stream ended is what `closed` tells.
      read(readable).catch(() => undefined);
    },
    () =>
      end(
        new NetworkError(`The connection to ${publicUrl(request.url)} could not be opened; browsers do not say why.`),
      ),
  );
  socket.closed.then(
    ({ closeCode, reason }) => end(closeCode === 1000 ? undefined : new ClosedError(closeCode, reason)),
    () => end(new ClosedError(1006, '')),
  );

  return {
    send(message) {
      // A write fails only where the connection does, which `closed` tells.
      writer?.write(message).catch(() => undefined);
    },
    pause() {
      resumed ??= new Promise((resolve) => (resume = resolve));
    },
    resume() {
      resumed = undefined;
      resume();
    },
    close: (closeCode, reason) => (writer === undefined ? opening.abort() : socket.close({ closeCode, reason })),
    terminate() {
      opening.abort();
      end(new ClosedError(1006, ''));
    },
  };
}
