import { WebSocket } from 'ws';

/** What a link tells. `closed` comes last, and always. */
export interface CallLinkEvents {
  opened(): void;
  /** The server answered with an HTTP status instead of the upgrade. */
  refused(status: number): void;
  received(data: Buffer, isBinary: boolean): void;
  failed(error: Error): void;
  closed(code: number): void;
}

/** The socket of one session. */
export interface CallLink {
  /** The bytes that wait to be written. */
  readonly bufferedAmount: number;
  /** Sends a message, now or when the link is let go on. */
  send(data: string | Uint8Array, isBinary: boolean): void;
  /** Holds back what is sent from now on: until {@link goOn}, or for good. */
  hold(forGood: boolean): void;
  /** Reads no more, until {@link goOn}. */
  deafen(): void;
  /** Sends what was held back, and reads. */
  goOn(): void;
  /** Starts the closing handshake; a link that is held is destroyed instead. */
  close(): void;
  /** Ends it at once. */
  destroy(): void;
}

/** The largest message taken from a server, in bytes: above what the protocol allows, so that the session can say so. */
const LARGEST_MESSAGE = 1024 * 1024;

/** **The WebSocket of one session**, and what can be done to it. */
export function callLink(url: URL, headers: Readonly<Record<string, string>>, events: CallLinkEvents): CallLink {
  const webSocket = new WebSocket(url, { headers, perMessageDeflate: false, maxPayload: LARGEST_MESSAGE });
  let held: 'no' | 'for a time' | 'for good' = 'no';
  let waiting: (readonly [data: string | Uint8Array, isBinary: boolean])[] = [];

  webSocket.on('open', () => events.opened());
  webSocket.on('unexpected-response', (_request, response) => {
    events.refused(response.statusCode ?? 0);
    webSocket.terminate();
  });
  webSocket.on('message', (data: Buffer, isBinary) => events.received(data, isBinary));
  webSocket.on('error', (error) => events.failed(error));
  webSocket.on('close', (code) => events.closed(code));

  const send = (data: string | Uint8Array, isBinary: boolean): void => {
    if (webSocket.readyState !== WebSocket.OPEN || held === 'for good') return;
    if (held === 'for a time') waiting.push([data, isBinary]);
    else webSocket.send(data, { binary: isBinary });
  };

  return {
    get bufferedAmount() {
      return webSocket.bufferedAmount;
    },
    send,
    hold: (forGood) => {
      held = forGood ? 'for good' : 'for a time';
    },
    deafen: () => webSocket.pause(),
    goOn: () => {
      held = 'no';
      webSocket.resume();
      const late = waiting;
      waiting = [];
      for (const [data, isBinary] of late) send(data, isBinary);
    },
    close: () => {
      if (held === 'no') webSocket.close(1000);
      else webSocket.terminate();
    },
    destroy: () => webSocket.terminate(),
  };
}
