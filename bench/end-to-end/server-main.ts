import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { feedOf } from './feed.ts';
import { judgedCorpus, type JudgedFrame } from './judged-corpus.ts';
import { monotonic } from './monotonic.ts';
import { poolOf } from './pool-of.ts';

/** The first message of the server. */
export interface ServerReady {
  readonly url: string;
}

/** What it tells of a timed feed. */
export interface SendTimes {
  /** When each frame was handed to the socket, on the machine's clock. */
  readonly sentAt: Float64Array;
}

/** Frames that go out with one system call, as those of a busy server do. */
const FRAMES_A_TURN = 64;

const all = await judgedCorpus();

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, backlog: 2_048, perMessageDeflate: false });
await once(server, 'listening');
server.on('connection', (webSocket, { url, socket }) => {
  // A client that goes away is no error of the server's.
  webSocket.on('error', () => undefined);
  void serve(webSocket, socket, url ?? '');
});
process.send?.({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/` } satisfies ServerReady);
process.once('disconnect', () => process.exit());

async function serve(webSocket: WebSocket, socket: Socket, url: string): Promise<void> {
  const feed = feedOf(url);
  const { frames, rate } = feed;
  const pool = poolOf(feed, all);
  const sentAt = new Float64Array(feed.timed === true ? frames : 0);
  const startedAt = monotonic();
  let index = 0;

  while (index < frames && webSocket.readyState === webSocket.OPEN) {
    const due = rate === undefined ? index + FRAMES_A_TURN : Math.ceil(((monotonic() - startedAt) * rate) / 1_000);
    const last = Math.min(frames, due);
    socket.cork();
    for (; index < last; index += 1) {
      if (feed.timed === true) sentAt[index] = monotonic();
      const { frame } = pool[index % pool.length] as JudgedFrame;
      webSocket.send(frame.rawData, { binary: frame.isBinary });
    }
    socket.uncork();
    if (rate === undefined && socket.writableNeedDrain) await new Promise((resolve) => socket.once('drain', resolve));
    // Not by a timer, which would send a millisecond's worth at once: the latencies would be those of the bursts.
    else await new Promise((resolve) => setImmediate(resolve));
  }
  if (feed.timed === true) process.send?.({ sentAt } satisfies SendTimes);
  if (feed.held !== true) webSocket.close(1000);
}
