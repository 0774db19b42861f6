import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RxFrameError } from '../../../operators/errors.ts';
import { connect } from '../../../src/connection/connect.ts';
import { record, States } from '../../connection/record.ts';
import { settle, switching, tcpServer } from '../../connection/servers.ts';
import { answerTemplate, filledIn } from './answer-template.ts';
import { fuzz } from './fuzz.ts';
import { shown } from '../shown.ts';
import { deliver, delivery } from './wire.ts';

const SECRET = 'cafe-secret-0123456789';

/** Stands for the value that proves that the server has read the request (RFC 6455 section 4.2.2). */
const ACCEPT = '<<accept>>';

const answer = answerTemplate({
  statusLines: ['HTTP/1.1 101 Switching Protocols'],
  headers: [
    'Upgrade: websocket\r\nConnection: Upgrade',
    `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}`,
    'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong',
    'Upgrade: h2c',
    'Sec-WebSocket-Protocol: unasked',
    'Sec-WebSocket-Protocol: <<authorization>>',
    'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99',
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits; client_max_window_bits',
    'Sec-WebSocket-Extensions: ",;=<<authorization>>',
  ],
  bodies: ['\u0081\u0005hello', '\u0088\u0002\u0003\u00e8'],
});

describe('an upgrade', () => {
  it('ends with an error of its own, and without the secrets of the request, whatever the server answers', async () => {
    let serve: (socket: Socket, request: string) => void = () => undefined;
    const server = await tcpServer((socket, request) => serve(socket, request));
    const codes = new Set<string>();

    await fuzz(fc.tuple(answer, delivery), async ([template, how]) => {
      serve = (socket, request) => {
        const accept = /^sec-websocket-accept: (.*)$/im.exec(switching(request))?.[1] ?? '';
        void deliver(socket, filledIn(template, request, { [ACCEPT]: accept }), how);
      };
      const state = new States();
      const { ended } = record(
        connect({
          url: `${server.url.replace('://', `://user:${SECRET}@`)}?key=${SECRET}`,
          token: `${SECRET}.token`,
          headers: { 'x-api-key': SECRET },
          handshakeTimeout: 30,
          closeTimeout: 30,
          heartbeat: { interval: 30, timeout: 30 },
          state,
        }),
      );
      const end = await ended;
      const closed = () => server.open.size === 0;
      await settle(closed);
      expect(closed(), 'the connection is closed').toBe(true);
      expect(state.statuses.at(-1)).toBe('closed');
      if (end === 'complete') {
        expect(state.statuses, 'only a connection that was open completes').toContain('open');
        return;
      }
      expect(end).toBeInstanceOf(RxFrameError);
      expect(shown([end, state.items])).not.toContain(SECRET);
      codes.add((end as RxFrameError).code);
    });
    expect(codes.size, `kinds of errors: ${[...codes].join(' ')}`).toBeGreaterThan(2);
  });

  it('would be seen to tell a secret', () => {
    const error = new Error('outer', { cause: Object.assign(new Error('inner'), { bytes: Buffer.from(SECRET) }) });
    expect(shown([error])).toContain(SECRET);
  });
});
