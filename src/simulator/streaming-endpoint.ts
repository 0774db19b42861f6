import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { faultyFrames } from './faulty-frames.ts';
import { frameSequence } from './frame-sequence.ts';
import { keepLast } from './keep-last.ts';
import { scriptFor } from './script.ts';
import { sendFrames } from './send-frames.ts';
import type { ExpectedOutcome, SimulatedFrame } from './simulated-frame.ts';
import { LARGEST_MESSAGE, type ReceivedMessage, type ResolvedOptions } from './simulator-options.ts';
import type { SocketSet } from './socket-set.ts';
import type { TokenStore } from './token-store.ts';
import { refuseUpgrade } from './upgrade-response.ts';

/** Where it is. */
export const STREAM_PATH = '/api/v2/streaming/interactions';

/** What {@link streamingEndpoint} has done so far. */
export interface StreamingTotals {
  frames: number;
  bytes: number;
  connections: number;
  received: number;
  readonly expected: Record<ExpectedOutcome, number>;
}

/** The streaming endpoint. */
export interface StreamingEndpoint {
  readonly totals: Readonly<StreamingTotals>;
  /** The last messages from clients, oldest first. */
  received(): readonly ReceivedMessage[];
  /** Answers an attempt to upgrade that came with that token; calls `opened` where it is let in. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, token: string | undefined, opened: () => void): void;
}

const MESSAGES_KEPT = 1000;

/** **The tutorial's endpoint**: made-up contact-centre frames at a steady rate, for whoever has a token. */
export function streamingEndpoint(
  settings: ResolvedOptions,
  tokens: TokenStore,
  sockets: SocketSet,
): StreamingEndpoint {
  const { onSent, onReceived } = settings;
  const faulty = faultyFrames(settings.seed, settings.oversizeBytes);
  const upgrades = [...settings.upgrades];
  const received = keepLast<ReceivedMessage>(MESSAGES_KEPT);
  const totals: StreamingTotals = {
    frames: 0,
    bytes: 0,
    connections: 0,
    received: 0,
    expected: {
      accepted: 0,
      'invalid-utf8': 0,
      'malformed-json': 0,
      schema: 0,
      oversize: 0,
      'checksum-mismatch': 0,
      'unknown-type': 0,
    },
  };
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LARGEST_MESSAGE,
    autoPong: settings.answerPings,
  });

  function countSent(connection: number, frame: SimulatedFrame, index: number): void {
    const { payloadType, isBinary, data, expected } = frame;
    totals.frames += 1;
    totals.bytes += data.length;
    totals.expected[expected] += 1;
    onSent?.({ connection, index, payloadType, byteLength: data.length, isBinary, expected, data });
  }

  function serve(webSocket: WebSocket, socket: Duplex, tokenLife: number): void {
    const connection = totals.connections;
    totals.connections += 1;
    webSocket.on('message', (data: Buffer, isBinary) => {
      const message: ReceivedMessage = { connection, isBinary, data };
      totals.received += 1;
      received.add(message);
      onReceived?.(message);
    });
    const expiry = setTimeout(() => webSocket.close(1008, 'token expired'), tokenLife);
    let stop = (): void => undefined;
    sockets.add(webSocket, () => {
      stop();
      clearTimeout(expiry);
    });
    stop = sendFrames({
      webSocket,
      socket,
      sequence: frameSequence({ ...settings, connection, faulty }),
      script: scriptFor(settings.script, connection),
      rate: settings.rate,
      frames: settings.frames,
      sent: (frame, index) => countSent(connection, frame, index),
    });
  }

  return {
    totals,
    received: () => received.list(),
    upgrade: (request, socket, head, token, opened) => {
      const next = upgrades.shift() ?? 'ok';
      if (next === 'hang') {
        // Read, so that a client that gives up is noticed.
        socket.resume().once('end', () => socket.destroy());
        return;
      }
      if (next !== 'ok') {
        refuseUpgrade(socket, next);
        return;
      }
      const tokenLife = token === undefined ? 0 : tokens.lifeLeft(token);
      if (tokenLife === 0) {
        refuseUpgrade(socket, 401);
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) => {
        opened();
        serve(webSocket, socket, tokenLife);
      });
    },
  };
}
