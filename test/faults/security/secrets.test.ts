import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import { frameStream } from '../../../src/frame-stream.ts';
import { pinoAuditSink } from '../../../src/telemetry/pino-audit-sink.ts';
import { folder, rxframe } from '../../cli/run.ts';
import { record } from '../../connection/record.ts';
import { shown } from '../shown.ts';

const SECRET = 'S3cret with+äll/of?it';
const PASSWORD = 'Passw0rd-cafe-0123456789';
const TOKEN = 'T0ken-cafe-0123456789';
const FORM = new URLSearchParams({ '': SECRET }).toString().slice(1);
const BASIC = Buffer.from(`the-id:${FORM}`).toString('base64');

/** Each secret, in each form in which it travels or could be shown. */
const HIDDEN = [
  ...[SECRET, FORM, encodeURIComponent(SECRET), BASIC, Buffer.from(SECRET).toString('hex')],
  ...[PASSWORD, Buffer.from(`user:${PASSWORD}`).toString('base64')],
  ...[TOKEN, Buffer.from(TOKEN).toString('hex')],
];

function expectNothingHidden(said: string): void {
  expect(HIDDEN.filter((hidden) => said.includes(hidden))).toEqual([]);
}

/** Says again whatever it was told, in each place that an answer has. */
class Echo {
  readonly #server: Server;
  readonly #webSockets = new WebSocketServer({ noServer: true });

  constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        const [, way = ''] = request.url!.split('/');
        const told = `${request.headers.authorization} ${body} ${decodeURIComponent(body)}`;
        const error = { error: told, error_description: told, message: told };
        const answers: Record<string, [number, unknown]> = {
          token: [200, { access_token: TOKEN, expires_in: 3600 }],
          refused: [401, error],
          bare: [401, { error: SECRET }],
          encoded: [401, { error: encodeURIComponent(SECRET) }],
          halved: [400, told],
          throttled: [429, error],
          failing: [500, error],
          gone: [404, told],
          scopeless: [200, { access_token: TOKEN, scope: told }],
          other: [200, { access_token: TOKEN, token_type: told }],
          spaced: [200, { access_token: `${TOKEN} ${told}` }],
        };
        const [status, answer] = answers[way]!;
        response.writeHead(status, { 'x-echo': encodeURI(told), location: encodeURI(told) });
        response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
      });
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Socket, head) => {
      const [, way = ''] = request.url!.split('?')[0]!.split('/');
      const told = `${request.headers.authorization} ${request.url} ${String(request.headers['x-password'])}`;
      const line = encodeURI(told);
      const refuse = (status: number) =>
        socket.end(
          `HTTP/1.1 ${status} ${told}\r\nX-Echo: ${told}\r\nWWW-Authenticate: ${told}\r\nLocation: ${line}\r\n\r\n${told}`,
        );
      const close = (code: number, reason: string) =>
        this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => webSocket.close(code, reason));
      const ways: Record<string, () => unknown> = {
        '401': () => refuse(401),
        '302': () => refuse(302),
        '404': () => refuse(404),
        '503': () => refuse(503),
        'no-http': () => socket.end(told),
        accept: () =>
          socket.end(
            `HTTP/1.1 101 ${told}\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ${told}\r\n\r\n`,
          ),
        'token-back': () => close(1008, `Bearer ${TOKEN}`),
        'password-back': () => close(1011, `user:${PASSWORD}`),
        gone: () => socket.destroy(),
        frames: () =>
          this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
            webSocket.send(JSON.stringify({ type: 'keepalive', told }));
            webSocket.send(JSON.stringify({ type: 'interaction.update', id: { told }, routing: told }));
            webSocket.send(`{"type":"keepalive","told":"${told}`);
            webSocket.send(Buffer.from([0x01, ...Buffer.from(told)]));
            webSocket.close(1000);
          }),
      };
      ways[way]!();
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Where it gives tokens in one way, and serves the stream in another; the stream's address has a password. */
  at(login: string, stream: string) {
    const host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return {
      loginUrl: `http://${host}/${login}`,
      streamUrl: `ws://user:${PASSWORD}@${host}/${stream}?key=${PASSWORD}`,
    };
  }
}

const echo = new Echo();
beforeAll(() => echo.listen());
afterAll(() => echo.close());
afterEach(() => {
  vi.restoreAllMocks();
});

const LOGINS = ['refused', 'bare', 'encoded', 'halved', 'throttled', 'failing', 'gone', 'scopeless', 'other', 'spaced'];
const STREAMS = ['401', '302', '404', '503', 'no-http', 'accept', 'token-back', 'password-back', 'gone', 'frames'];
const cases = [
  ...LOGINS.map((login) => [login, 'frames'] as const),
  ...STREAMS.map((stream) => ['token', stream] as const),
];

describe('no secret is in anything that is reported, shown or logged', () => {
  it.for(cases)('where the login server answers with %s and the stream with %s', async ([login, stream]) => {
    const printed: string[] = [];
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation((...values) => printed.push(shown(values)));
    }
    // The waits between attempts without their random part.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const file = join(folder(), 'audit.ndjson');
    const audit = pinoAuditSink({ destination: file });
    const states: ConnectionState[] = [];
    const made = frameStream({
      ...echo.at(login, stream),
      clientId: 'the-id',
      clientSecret: SECRET,
      audit,
      auditRecord: { digests: true },
      connection: { headers: { 'x-password': PASSWORD } },
      reconnect: { maxAttempts: 1, maxAuthFailures: 1, maxProtocolFailures: 1 },
    });
    made.state$.subscribe((state) => states.push(state));
    const { values, ended } = record(made.outcomes$);
    const end = await ended;
    await audit.close();

    expect(end === 'complete').toBe(stream === 'frames' && login === 'token');
    expect(states.at(-1)!.status).toBe(end === 'complete' ? 'closed' : 'failed');
    for (const thing of [end, made, ...states]) expectNothingHidden(shown(thing));
    // A payload is the server's to say; what we say of it is not.
    for (const outcome of values.items) expectNothingHidden(JSON.stringify('issues' in outcome ? outcome.issues : []));
    expectNothingHidden(readFileSync(file, 'utf8'));
    expectNothingHidden(printed.join('\n'));
  });

  it.for([
    ['refused', 'frames'],
    ['token', 'password-back'],
    ['token', '401'],
    ['token', 'frames'],
  ] as const)('by the command line, login %s and stream %s', { timeout: 60_000 }, async ([login, stream]) => {
    const { loginUrl, streamUrl } = echo.at(login, stream);
    const cwd = folder();
    const args = ['listen', '--json', '--max-attempts', '1', '--audit-file', 'audit.ndjson'];
    const command = rxframe(args, {
      cwd,
      env: {
        GENESYS_LOGIN_URL: loginUrl,
        GENESYS_STREAM_URL: streamUrl,
        GENESYS_CLIENT_ID: 'the-id',
        GENESYS_CLIENT_SECRET: SECRET,
      },
    });
    await command.ended;
    expect(command.stderr).toContain('streaming from ws://127.0.0.1:');
    expectNothingHidden(command.stdout + command.stderr + readFileSync(join(cwd, 'audit.ndjson'), 'utf8'));
  });

  it('which the search would find', () => {
    for (const hidden of HIDDEN) {
      const inner = Object.assign(new Error('inner'), {
        bytes: Buffer.from(hidden),
        list: [{ deep: new Map([[hidden, 1]]) }],
      });
      expect(() => expectNothingHidden(shown({ cause: new Error('outer', { cause: inner }) }))).toThrow();
    }
  });
});
