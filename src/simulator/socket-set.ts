import type { WebSocket } from 'ws';

/** The WebSockets of a server that are open, or closing. */
export interface SocketSet {
  readonly size: number;
  /** Takes one in; `closed` is called when it is gone. */
  add(webSocket: WebSocket, closed: () => void): void;
  /** Starts the closing handshake of all. */
  closeAll(code: number, reason: string): void;
  /** Destroys all, without a handshake. */
  terminateAll(): void;
  /** Resolves when those that are there now are gone. */
  allClosed(): Promise<void>;
}

/** **Keeps the WebSockets of a server together**, so that they can be closed together. */
export function socketSet(): SocketSet {
  const sockets = new Map<WebSocket, Promise<void>>();
  return {
    get size() {
      return sockets.size;
    },
    add: (webSocket, closed) => {
      // The event 'close' follows: a client that vanishes is no error of ours.
      webSocket.on('error', () => undefined);
      const gone = new Promise<void>((resolve) => {
        webSocket.once('close', () => {
          closed();
          sockets.delete(webSocket);
          resolve();
        });
      });
      sockets.set(webSocket, gone);
    },
    closeAll: (code, reason) => {
      for (const webSocket of sockets.keys()) webSocket.close(code, reason);
    },
    terminateAll: () => {
      for (const webSocket of sockets.keys()) webSocket.terminate();
    },
    allClosed: async () => {
      await Promise.all(sockets.values());
    },
  };
}
