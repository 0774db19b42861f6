import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { clientCredentials } from '../../../src/auth/client-credentials.ts';
import { connect } from '../../../src/connection/connect.ts';
import { tokenServer } from '../../auth/token-server.ts';
import { record } from '../../connection/record.ts';
import { settle, switching, tcpServer } from '../../connection/servers.ts';
import { shown } from '../shown.ts';

const SECRET = 'cafe-endless-0123456789';

/** Sends pieces for as long as the client takes them, as fast as it does. */
function flood(socket: Socket, piece: string): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

/** Sends a byte now and then, for ever. */
function drip(socket: Socket, byte: string): void {
  const timer = setInterval(() => socket.write(byte), 10);
  socket.once('close', () => clearInterval(timer));
}

const HEADERS = 'HTTP/1.1 200 OK\r\n';
const BODY = `${HEADERS}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

describe('a token endpoint that never comes to an end', () => {
  const cases: Record<string, [start: string, goOn: (socket: Socket) => void, code: string]> = {
    'floods headers': [HEADERS, (socket) => flood(socket, `X-${'x'.repeat(1_000)}: y\r\n`), 'ERR_(NETWORK|TIMEOUT)'],
    'floods one header': [`${HEADERS}X: `, (socket) => flood(socket, 'x'.repeat(1_000)), 'ERR_(NETWORK|TIMEOUT)'],
    'floods the status line': ['HTTP/1.1 200 ', (socket) => flood(socket, 'x'.repeat(1_000)), 'ERR_(NETWORK|TIMEOUT)'],
    'floods interim answers': ['', (socket) => flood(socket, CONTINUE), 'ERR_(NETWORK|TIMEOUT)'],
    'floods its body': [BODY, (socket) => flood(socket, `400\r\n${' '.repeat(1_024)}\r\n`), 'ERR_(AUTH|TIMEOUT)'],
    'floods the extensions of a chunk': [
      `${BODY}1;`,
      (socket) => flood(socket, 'x'.repeat(1_000)),
      'ERR_(NETWORK|TIMEOUT)',
    ],
    'floods the trailers': [
      `${BODY}0\r\n`,
      (socket) => flood(socket, `X: ${'x'.repeat(1_000)}\r\n`),
      'ERR_(NETWORK|TIMEOUT)',
    ],
    'drips headers': [HEADERS, (socket) => drip(socket, 'x'), 'ERR_TIMEOUT'],
    'drips its body': [BODY, (socket) => drip(socket, '1\r\n \r\n'), 'ERR_TIMEOUT'],
    'drips a refusal': [BODY.replace('200', '401'), (socket) => drip(socket, '1\r\n \r\n'), 'ERR_TIMEOUT'],
    'drips what should be a status': ['', (socket) => drip(socket, 'H'), 'ERR_NETWORK'],
  };

  it.for(Object.entries(cases))('and %s is hung up on in time', async ([, [start, goOn, code]]) => {
    const sockets: Socket[] = [];
    const server = await tokenServer((response) => {
      const socket = response.socket!;
      sockets.push(socket);
      socket.write(start);
      goOn(socket);
    });
    const { loginUrl } = server;
    const source = clientCredentials({ loginUrl, clientId: 'id', clientSecret: SECRET, attempts: 1, timeout: 400 });
    const before = performance.now();
    const error: unknown = await source.token().catch((failure: unknown) => failure);
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(error).toHaveProperty('code', expect.stringMatching(code));
    expect(shown(error)).not.toContain(SECRET);
    await settle(() => sockets.every(({ destroyed }) => destroyed));
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
  });
});

describe('a streaming endpoint that never comes to an end', () => {
  const cases: Record<string, [start: string, goOn: (socket: Socket) => void, code: string]> = {
    'floods headers': [HEADERS, (socket) => flood(socket, `X-${'x'.repeat(1_000)}: y\r\n`), 'ERR_(NETWORK|TIMEOUT)'],
    'floods the headers of its 101': [
      'HTTP/1.1 101 Switching Protocols\r\n',
      (socket) => flood(socket, `X-${'x'.repeat(1_000)}: y\r\n`),
      'ERR_(NETWORK|TIMEOUT)',
    ],
    'floods interim answers': ['', (socket) => flood(socket, CONTINUE), 'ERR_(NETWORK|TIMEOUT)'],
    'floods a refusal': [
      BODY.replace('200 OK', '401 No'),
      (socket) => flood(socket, `400\r\n${' '.repeat(1_024)}\r\n`),
      'ERR_AUTH',
    ],
    'drips headers': [HEADERS, (socket) => drip(socket, 'x'), 'ERR_TIMEOUT'],
    'drips interim answers': ['', (socket) => drip(socket, CONTINUE), 'ERR_TIMEOUT'],
    'drips the header of a frame': ['SWITCHING\u0082', () => undefined, 'ERR_TIMEOUT'],
    'drips a message': ['SWITCHING\u0082~\u00ff\u00ff', (socket) => drip(socket, 'x'), 'ERR_TIMEOUT'],
    'drips the pieces of one message': [
      'SWITCHING\u0002\u0000',
      (socket) => drip(socket, '\u0000\u0000'),
      'ERR_TIMEOUT',
    ],
  };

  it.for(Object.entries(cases))('and %s is hung up on in time', async ([, [start, goOn, code]]) => {
    const server = await tcpServer((socket, request) => {
      socket.write(start.replace('SWITCHING', switching(request)), 'latin1');
      goOn(socket);
    });
    const before = performance.now();
    const heartbeat = { interval: 100, timeout: 200 };
    const { ended, values } = record(
      connect({ url: server.url, token: SECRET, handshakeTimeout: 400, closeTimeout: 200, heartbeat }),
    );
    const error = await ended;
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(error).toHaveProperty('code', expect.stringMatching(code));
    expect(shown(error)).not.toContain(SECRET);
    expect(values.items).toEqual([]);
    await settle(() => server.open.size === 0);
    expect(server.open.size).toBe(0);
  });
});
