import { randomUUID } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import type { ServerMessage, ServerMessageType } from '../../../src/genesys/audiohook/server-message.ts';
import { CONVERSATION, MONO, STEREO } from '../../../marble-tests/audiohook/client-messages.ts';
import { API_KEY, ORGANIZATION, parameters, sign, type Signing } from './signed-request.ts';

/** What of an upgrade request is other than it should be. `null` leaves a header out. */
export interface Upgrade {
  readonly headers?: Readonly<Record<string, string | null>>;
  /** `false`: it is not signed. */
  readonly signing?: Signing | false;
  /** When it was signed, in seconds from now. */
  readonly signedAt?: number;
}

/** The headers that Genesys Cloud sends when it connects to this URL. */
export function upgradeHeaders(url: string, upgrade: Upgrade = {}): Record<string, string> {
  const { host, pathname } = new URL(url);
  const all: Record<string, string | null> = {
    'audiohook-organization-id': ORGANIZATION,
    'audiohook-session-id': randomUUID(),
    'audiohook-correlation-id': randomUUID(),
    'x-api-key': API_KEY,
    ...upgrade.headers,
  };
  const headers = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  if (upgrade.signing === false) return headers;
  const created = Math.floor(Date.now() / 1000) + (upgrade.signedAt ?? 0);
  const nonce = randomUUID();
  const signed = sign(
    { target: pathname, headers: { host, ...headers } },
    { parameters: parameters({ created, expires: created + 10, nonce }), ...upgrade.signing },
  );
  const { signature, 'signature-input': input } = signed.headers as Record<string, string>;
  return { ...headers, signature: signature!, 'signature-input': input! };
}

/** How a server has answered a request. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** In milliseconds. */
  readonly time: number;
}

/** What is answered to a request that is not let in; fails where it is. */
export function answerTo(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const since = performance.now();
  return new Promise((resolve, reject) => {
    request(url.replace(/^ws/, 'http'), { headers, agent: false })
      .on('response', (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => (body += text));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            time: performance.now() - since,
          }),
        );
      })
      .on('upgrade', (_response, socket) => {
        socket.destroy();
        reject(new Error('was let in'));
      })
      .on('error', reject)
      .end();
  });
}

/** The headers that make a request an upgrade to a WebSocket. */
export const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

/** **A client over a real socket**, that says what the test wants and counts as it should. */
export class AudioHookClient {
  readonly webSocket: WebSocket;
  readonly id: string;
  /** With the close code. */
  readonly closed: Promise<number>;
  readonly received: ServerMessage[] = [];
  #waiting: { readonly type: ServerMessageType; readonly resolve: (message: ServerMessage) => void }[] = [];
  #seq = 0;

  private constructor(webSocket: WebSocket, id: string) {
    this.webSocket = webSocket;
    this.id = id;
    this.closed = new Promise((resolve) => webSocket.once('close', resolve));
    webSocket.on('error', () => undefined);
    webSocket.on('message', (data) => {
      const message = JSON.parse((data as Buffer).toString()) as ServerMessage;
      this.received.push(message);
      const waiting = this.#waiting.filter(({ type }) => type === message.type);
      this.#waiting = this.#waiting.filter(({ type }) => type !== message.type);
      for (const { resolve } of waiting) resolve(message);
    });
  }

  /** Connects; fails where it is not let in. */
  static connect(url: string, upgrade: Upgrade = {}): Promise<AudioHookClient> {
    const headers = upgradeHeaders(url, upgrade);
    const webSocket = new WebSocket(url, { headers, skipUTF8Validation: true });
    const client = new AudioHookClient(webSocket, headers['audiohook-session-id']!);
    return new Promise((resolve, reject) => {
      webSocket.once('open', () => resolve(client));
      webSocket.once('error', reject);
    });
  }

  /** Connects, and opens the session. */
  static async open(url: string, upgrade: Upgrade = {}): Promise<AudioHookClient> {
    const client = await AudioHookClient.connect(url, upgrade);
    const opened = client.next('opened');
    client.send('open', {
      organizationId: upgrade.headers?.['audiohook-organization-id'] ?? ORGANIZATION,
      conversationId: CONVERSATION,
      participant: { id: randomUUID(), ani: '', aniName: '', dnis: '' },
      media: [STEREO, MONO],
    });
    await opened;
    return client;
  }

  send(type: string, parameters: object, members: Readonly<Record<string, unknown>> = {}): void {
    this.#seq += 1;
    const { id, received } = this;
    const message = {
      version: '2',
      id,
      type,
      seq: this.#seq,
      serverseq: received.length,
      position: 'PT0S',
      parameters,
    };
    this.webSocket.send(JSON.stringify({ ...message, ...members }));
  }

  sendAudio(audio: Uint8Array): void {
    this.webSocket.send(audio);
  }

  /** The next message of this type. */
  next(type: ServerMessageType): Promise<ServerMessage> {
    return new Promise((resolve) => this.#waiting.push({ type, resolve }));
  }

  /** Closes the session in order, and gives the close code. */
  async close(): Promise<number> {
    const closed = this.next('closed');
    this.send('close', { reason: 'end' });
    await closed;
    this.webSocket.close(1000);
    return this.closed;
  }
}
