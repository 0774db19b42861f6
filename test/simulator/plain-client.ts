import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterEach } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';

const running: Simulator[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

/** Starts a simulator that is closed after the test. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options);
  running.push(simulator);
  return simulator;
}

/** What the token endpoint answers, as far as it is JSON. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope?: string;
  readonly error?: string;
  readonly description?: string;
  readonly error_description?: string;
}

/** Asks for a token with form members, by default the right ones. */
export function requestToken(
  simulator: Simulator,
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const credentials: Record<string, string> =
    'authorization' in headers ? {} : { client_id: simulator.clientId, client_secret: simulator.clientSecret };
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...credentials, ...form });
  return fetch(`${simulator.loginUrl}/oauth/token`, { method: 'POST', body, headers });
}

/** A valid token. */
export async function validToken(simulator: Simulator): Promise<string> {
  const response = await requestToken(simulator);
  return ((await response.json()) as TokenAnswer).access_token;
}

/** A message as it came. */
export interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** A plain WebSocket that keeps what it gets. */
export interface PlainClient {
  readonly webSocket: WebSocket;
  readonly messages: readonly Message[];
  /** Waits for so many messages. */
  until(count: number): Promise<void>;
  /** The close code and reason. */
  readonly closed: Promise<readonly [code: number, reason: string]>;
}

/** Connects with a token; the listeners are there before the first message can be. */
export function open(simulator: Simulator, token: string, options: ClientOptions = {}): PlainClient {
  const webSocket = new WebSocket(simulator.streamUrl, {
    headers: { authorization: `Bearer ${token}` },
    skipUTF8Validation: true,
    ...options,
  });
  const messages: Message[] = [];
  webSocket.on('message', (data: Buffer, isBinary) => {
    messages.push({ data, isBinary });
  });
  webSocket.on('error', () => undefined);
  return {
    webSocket,
    messages,
    until: async (count) => {
      while (messages.length < count) await once(webSocket, 'message');
    },
    closed: new Promise((resolve) => {
      webSocket.once('close', (code, reason) => resolve([code, reason.toString()]));
    }),
  };
}

/** Gets a token and connects with it. */
export async function connected(simulator: Simulator, options: ClientOptions = {}): Promise<PlainClient> {
  return open(simulator, await validToken(simulator), options);
}

/** Tries to connect, and gives the HTTP response that comes instead. */
export async function refusal(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const webSocket = new WebSocket(url, { headers });
  webSocket.on('error', () => undefined);
  const [, response] = (await once(webSocket, 'unexpected-response')) as [unknown, IncomingMessage];
  response.resume();
  await once(response, 'end');
  webSocket.terminate();
  return response;
}

/** All messages that one connection gets until it is closed. */
export async function allMessages(simulator: Simulator): Promise<readonly Message[]> {
  const client = await connected(simulator);
  await client.closed;
  return client.messages;
}
