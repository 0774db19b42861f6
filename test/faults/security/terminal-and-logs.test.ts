import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { folder, lines, MAIN, run, rxframe } from '../../cli/run.ts';

/** What a terminal obeys, what begins a line, what hides text, what turns it around. The ends show that it came through. */
const HOSTILE = [
  'begin',
  '\u001b[31;1mred\u001b[2J\u001b[H',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil.example\u001b\\link\u001b]8;;\u001b\\',
  '\u001b]52;c;cm0gLXJmIH4K\u0007',
  '\u009b31m\u009d0;title\u009c\u0085',
  '\r\n2026-01-01T00:00:00.000Z forged line\n\t\b\u0000\u007f',
  '\u2028\u2029',
  '\u202eesrever\u202c\u2066isolate\u2069\u200e\u200f\u061c',
  'zero\u200bwidth\u200c\u200d\u2060\ufeff\u00ad',
  '\u{e0041}\u{e007f}',
  'end',
].join('');

/** In the head of an HTTP answer a line can't be broken, and what is no byte can't stand. */
const IN_HEAD = HOSTILE.replace(/[\r\n\0]/g, '').replace(/[^\0-\u00ff]/gu, '');

/** A reason has 123 bytes at most (RFC 6455 section 5.5.1). */
const CLOSE_REASON =
  'begin\u001b[2J\u001b]0;t\u0007\u009b1m\r\n2026-01-01 forged\u202e\u2066\u200b\ufeff\u{e0041}\u2028end';

/** What must not be there in what was shown: {@link HOSTILE}'s characters, and whatever else is like them. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/* eslint-disable no-control-regex -- escape sequences are meant */
/** The status line over the last one: from the start of the line, and then what is left of the last one is erased. */
const STATUS = /\r((?:\u001b\[3[1239]m|[^\p{Cc}])*)\u001b\[K/gu;
/** What else the status line itself sends to a terminal: it colours the state. */
const OWN = /\u001b\[3[1239]m|\r?\n/g;
/* eslint-enable no-control-regex */

function expectHarmless(said: string): void {
  expect(said.replace(STATUS, '$1').replace(OWN, '')).not.toMatch(UNSAFE);
  expect(said).not.toMatch(/^2026-01-01/m);
}

/** What the hostile server does, by the path of the stream: to an upgrade, or to a WebSocket that it has opened. */
const STREAMS: Record<string, { upgrade: (socket: Socket) => void } | { open: (webSocket: WebSocket) => void }> = {
  'status-line': { upgrade: (socket) => socket.end(`HTTP/1.1 404 ${IN_HEAD}\r\n\r\n`, 'latin1') },
  headers: {
    upgrade: (socket) =>
      socket.end(
        `HTTP/1.1 429 Slow\r\nRetry-After: ${IN_HEAD}\r\nLocation: ${IN_HEAD}\r\nWWW-Authenticate: ${IN_HEAD}\r\n\r\n`,
        'latin1',
      ),
  },
  'no-http': { upgrade: (socket) => socket.end(HOSTILE) },
  'no-handshake': {
    upgrade: (socket) =>
      socket.end(`HTTP/1.1 101 Switching\r\nUpgrade: ${IN_HEAD}\r\nSec-WebSocket-Accept: ${IN_HEAD}\r\n\r\n`, 'latin1'),
  },
  'close-reason': { open: (webSocket) => webSocket.close(1008, CLOSE_REASON) },
  frames: {
    open(webSocket) {
      const digest = { type: 'interaction.update', id: HOSTILE, routing: {}, digest: `sha-256=:${HOSTILE}:` };
      for (const payload of [
        HOSTILE,
        JSON.stringify(HOSTILE),
        `{"type":"keepalive","note":"${HOSTILE}"}`,
        JSON.stringify({ type: 'keepalive', [HOSTILE]: HOSTILE }),
        JSON.stringify({ type: HOSTILE }),
        JSON.stringify({ type: 'interaction.update', id: { [HOSTILE]: HOSTILE }, routing: HOSTILE }),
        JSON.stringify(digest),
        Buffer.from([0x80, ...Buffer.from(HOSTILE)]),
        Buffer.from([0xff, ...Buffer.from(HOSTILE)]),
      ]) {
        webSocket.send(payload);
      }
      webSocket.close(1000, 'done\u001b[31m');
    },
  },
};

/** The answers to the token request, by the path of the login server. */
const TOKENS: Record<string, [status: number, body: unknown]> = {
  ok: [200, { access_token: 'a-token', expires_in: 3600 }],
  error: [401, { error: HOSTILE, error_description: HOSTILE, message: HOSTILE }],
  scope: [200, { access_token: 'a-token', scope: HOSTILE }],
};

let server: Server;

beforeAll(async () => {
  const webSockets = new WebSocketServer({ noServer: true });
  server = createServer((request, response) => {
    const [status, body] = TOKENS[request.url!.split('/')[1]!]!;
    const bytes = Buffer.from(JSON.stringify(body));
    // The platform's fetch takes C1 in a head, and gives up at C0.
    const phrase = IN_HEAD.replace(/[^\u0080-\u00ff]/g, '');
    const head = [`HTTP/1.1 ${status} ${phrase}`, `X-Note: ${phrase}`, `Content-Length: ${bytes.length}`];
    response.socket!.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]));
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    const stream = STREAMS[request.url!.slice(1)]!;
    if ('upgrade' in stream) stream.upgrade(socket);
    else webSockets.handleUpgrade(request, socket, head, stream.open);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function environment(token: string, stream: string): Record<string, string> {
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    GENESYS_LOGIN_URL: `http://${host}/${token}`,
    GENESYS_STREAM_URL: `ws://${host}/${stream}`,
    GENESYS_CLIENT_ID: 'id',
    GENESYS_CLIENT_SECRET: 'secret',
    TERM: 'xterm-256color',
  };
}

/** What each of them comes to. */
const EXIT_CODES: Record<string, number> = {
  // Fatal.
  'status-line': 1,
  headers: 4,
  'no-http': 4,
  'no-handshake': 4,
  'close-reason': 4,
  frames: 0,
  error: 3,
  scope: 3,
};

const cases = [
  ...Object.keys(STREAMS).map((stream) => ['ok', stream] as const),
  ...Object.keys(TOKENS)
    .filter((token) => token !== 'ok')
    .map((token) => [token, 'frames'] as const),
];

describe.skipIf(process.platform !== 'linux')('on a terminal', { timeout: 60_000, concurrent: true }, () => {
  it.for(cases)('nothing that a server says is obeyed: token %s, stream %s', async ([token, stream]) => {
    const audit = '--audit-file audit.ndjson';
    const command = run(
      'script',
      ['-qec', `"${process.execPath}" "${MAIN}" listen --max-attempts 1 ${audit}`, '/dev/null'],
      {
        env: environment(token, stream),
      },
    );
    expect(await command.ended).toBe(EXIT_CODES[token === 'ok' ? stream : token]);
    // The one line of the state, in each case.
    expect(command.stdout).toContain('streaming from ws://127.0.0.1');
    expectHarmless(command.stdout);
  });

  it('nothing that was given by the caller is obeyed', async () => {
    for (const arg of [
      `--${HOSTILE}`,
      `--audit-file=/no/${HOSTILE.replaceAll('\0', '')}`,
      `--max-frames=${HOSTILE}`,
      `--env=${HOSTILE}`,
    ]) {
      const command = rxframe(
        ['listen', ...(arg.startsWith('--env') ? [] : ['--simulate']), arg.replaceAll('\0', '')],
        {
          env: { GENESYS_CLIENT_ID: 'id', GENESYS_CLIENT_SECRET: 'secret' },
        },
      );
      expect(await command.ended).toBe(2);
      expectHarmless(command.stdout + command.stderr);
    }
    const command = rxframe([HOSTILE.replaceAll('\0', '')]);
    expect(await command.ended).toBe(2);
    expect(command.stderr).toContain('there is no command "begin');
    expectHarmless(command.stderr);
  });
});

describe('in pipes and files', { timeout: 60_000 }, () => {
  it('each outcome is one line of JSON with nothing to obey, and the payload the same', async () => {
    const cwd = folder();
    const args = ['listen', '--json', '--data', '--audit-file', 'audit.ndjson'];
    const command = rxframe(args, { env: environment('ok', 'frames'), cwd });
    expect(await command.ended).toBe(0);
    expectHarmless(command.stdout);
    expectHarmless(command.stderr);
    const outcomes = lines(command.stdout).map((line) => JSON.parse(line) as { outcome: string; data: unknown });
    expect(outcomes).toHaveLength(9);
    // A keepalive, an update whose digest is none, and media.
    expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(3);
    expect(outcomes[3]!.data).toEqual({ type: 'keepalive', [HOSTILE]: HOSTILE });
    // Rejected before it was known to be of a type.
    expect(outcomes[4]!.data).toBe(Buffer.from(JSON.stringify({ type: HOSTILE })).toString('base64'));

    const audit = readFileSync(join(cwd, 'audit.ndjson'), 'utf8');
    expectHarmless(audit);
    expect(lines(audit).map((line) => (JSON.parse(line) as { outcome: string }).outcome)).toEqual(
      outcomes.map(({ outcome }) => outcome),
    );
  });
});
