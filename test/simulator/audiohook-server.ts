import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { VirtualTimeScheduler } from 'rxjs';
import { afterEach } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  callAudioHook,
  driveTime,
  type AudioHookCallOptions,
  type AudioHookCalls,
  type ExchangedMessage,
} from '../../src/simulator/index.ts';

/** A message as the client sends it. */
export interface Message {
  readonly version: string;
  readonly id: string;
  readonly type: string;
  readonly seq: number;
  readonly serverseq: number;
  readonly position: string;
  /** `media` is there in `open`. */
  readonly parameters: { readonly media: readonly unknown[]; readonly [name: string]: unknown };
}

/** A session as the server sees it. */
export interface ServerSession {
  readonly request: IncomingMessage;
  readonly webSocket: WebSocket;
  /** What came, in order: text as it is, audio as bytes. */
  readonly received: readonly (string | Buffer)[];
  /** The text messages that are JSON. */
  readonly messages: readonly Message[];
  /** The types of messages, and `audio`, in order, pings left out. */
  readonly order: readonly string[];
  /** Waits for so many messages of a type; gives the last of them. */
  until(type: string, count?: number): Promise<Message>;
  untilAudio(count: number): Promise<readonly Buffer[]>;
  send(type: string, parameters?: object, changes?: object): void;
  readonly closed: Promise<number>;
}

/** How it answers; `undefined` for the usual way. */
export interface Answers {
  open?: (session: ServerSession, message: Message) => void;
  close?: (session: ServerSession, message: Message) => void;
  ping?: (session: ServerSession, message: Message) => void;
  /** An HTTP status instead of the upgrade; 0 for no answer. */
  upgrade?: number;
}

/** A plain server. */
export interface PlainServer {
  readonly url: string;
  readonly sessions: readonly ServerSession[];
  readonly requests: readonly IncomingMessage[];
  readonly connections: ReadonlySet<Socket>;
  session(ordinal?: number): Promise<ServerSession>;
}

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function serve(request: IncomingMessage, webSocket: WebSocket, answers: Answers): ServerSession {
  const received: (string | Buffer)[] = [];
  const messages: Message[] = [];
  const news = new EventEmitter().setMaxListeners(0);
  let seq = 0;
  const session: ServerSession = {
    request,
    webSocket,
    received,
    messages,
    get order() {
      return received
        .map((entry) => (typeof entry === 'string' ? (JSON.parse(entry) as Message).type : 'audio'))
        .filter((type) => type !== 'ping');
    },
    until: async (type, count = 1) => {
      const matching = (): Message[] => messages.filter((message) => message.type === type);
      while (matching().length < count) await once(news, 'message');
      return matching()[count - 1]!;
    },
    untilAudio: async (count) => {
      const audio = (): Buffer[] => received.filter((entry) => typeof entry !== 'string');
      while (audio().length < count) await once(news, 'message');
      return audio();
    },
    send: (type, parameters = {}, changes = {}) => {
      seq += 1;
      const { id, seq: clientseq } = messages.at(-1)!;
      webSocket.send(JSON.stringify({ version: '2', id, type, seq, clientseq, parameters, ...changes }));
    },
    closed: new Promise((resolve) => void webSocket.once('close', resolve)),
  };
  const usual: Answers = {
    open: (_, { parameters }) => session.send('opened', { media: [parameters.media[0]] }),
    close: () => session.send('closed'),
    ping: (_, message) => session.send('pong', {}, { clientseq: message.seq }),
  };
  webSocket.on('error', () => undefined);
  webSocket.on('message', (data: Buffer, isBinary) => {
    received.push(isBinary ? data : data.toString());
    let message: Message | undefined;
    try {
      if (!isBinary) message = JSON.parse(data.toString()) as Message;
    } catch {
      // As it is in `received`.
    }
    if (message) {
      messages.push(message);
      const type = message.type as 'open' | 'close' | 'ping';
      (answers[type] ?? usual[type])?.(session, message);
    }
    news.emit('message');
  });
  return session;
}

/** Starts a server on a free port of loopback; it is closed after the test. */
export async function plainServer(answers: Answers = {}): Promise<PlainServer> {
  const sessions: ServerSession[] = [];
  const requests: IncomingMessage[] = [];
  const connections = new Set<Socket>();
  const news = new EventEmitter().setMaxListeners(0);
  const webSockets = new WebSocketServer({ noServer: true, skipUTF8Validation: true });
  const server = createServer();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    requests.push(request);
    if (answers.upgrade !== undefined) {
      if (answers.upgrade > 0) socket.end(`HTTP/1.1 ${answers.upgrade} No\r\ncontent-length: 0\r\n\r\n`);
      news.emit('request');
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      sessions.push(serve(request, webSocket, answers));
      news.emit('request');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(async () => {
    server.close();
    for (const socket of connections) socket.destroy();
    await once(server, 'close');
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/audio?v=2`,
    sessions,
    requests,
    connections,
    session: async (ordinal = 0) => {
      while (sessions.length <= ordinal) await once(news, 'request');
      return sessions[ordinal]!;
    },
  };
}

/** Calls a server; the calls are stopped after the test. */
export function call(options: AudioHookCallOptions): AudioHookCalls {
  const calls = callAudioHook(options);
  cleanUps.push(() => calls.stop());
  return calls;
}

/** Calls in virtual time. */
export interface DrivenCalls extends AudioHookCalls {
  readonly scheduler: VirtualTimeScheduler;
  /** What went over the wire, as the client tells it. */
  readonly exchanged: readonly ExchangedMessage[];
  /** Waits, in real time, until the client has got so many messages of a type. */
  untilReceived(type: string, count?: number): Promise<void>;
  /** Lets virtual time pass until then, and the server answer every ping on the way. */
  drive(until: number): Promise<void>;
  /** Lets so much virtual time pass as is needed for all to end. */
  finish(until?: number): Promise<void>;
}

/** A turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

const typeOf = ({ message }: ExchangedMessage): string => (message as Message).type;

/** Calls a server over real sockets, with all timers in virtual time. */
export function drivenCall(options: AudioHookCallOptions): DrivenCalls {
  const scheduler = new VirtualTimeScheduler();
  const exchanged: ExchangedMessage[] = [];
  const news = new EventEmitter().setMaxListeners(0);
  const count = (direction: string, type: string): number =>
    exchanged.filter((entry) => entry.direction === direction && typeOf(entry) === type).length;
  const calls = callAudioHook({
    ...options,
    scheduler,
    onMessage: (message) => {
      exchanged.push(message);
      options.onMessage?.(message);
      news.emit('message');
    },
  });
  let isOver = false;
  void calls.results.then(() => {
    isOver = true;
    news.emit('message');
  });
  const untilReceived = async (type: string, least = 1): Promise<void> => {
    while (count('received', type) < least && !isOver) await once(news, 'message');
  };
  const drive = async (until: number): Promise<void> => {
    for (let time = Math.min(until, scheduler.frame); ; time = Math.min(until, time + 100)) {
      await driveTime(scheduler, time);
      await untilReceived('pong', count('sent', 'ping'));
      if (time >= until) return;
    }
  };
  cleanUps.push(async () => {
    const stopped = calls.stop();
    await driveTime(scheduler, scheduler.frame + 60_000);
    await stopped;
  });
  return {
    results: calls.results,
    get totals() {
      return calls.totals;
    },
    stop: () => calls.stop(),
    scheduler,
    exchanged,
    untilReceived,
    drive,
    finish: async (until = 600_000) => {
      while (!isOver && scheduler.frame < until) {
        await drive(scheduler.frame + 100);
        // What was closed has its time to end, for its socket lives in real time.
        while (calls.totals.sessions.ended < count('sent', 'close')) await turn();
      }
      await calls.results;
    },
  };
}

/** A call that is open at virtual time 0. */
export async function openCall(
  options: Omit<AudioHookCallOptions, 'url' | 'apiKey'>,
  answers: Answers = {},
): Promise<{ readonly calls: DrivenCalls; readonly session: ServerSession; readonly server: PlainServer }> {
  const server = await plainServer(answers);
  const calls = drivenCall({ url: server.url, apiKey: 'key', ...options });
  await calls.drive(0);
  const session = await server.session();
  await calls.untilReceived('opened');
  return { calls, session, server };
}
