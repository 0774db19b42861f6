import type { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RxFrameError } from '../../../operators/errors.ts';
import type { RawFrame } from '../../../operators/frame.ts';
import { connect } from '../../../src/connection/connect.ts';
import { record } from '../../connection/record.ts';
import { settle, switching, tcpServer } from '../../connection/servers.ts';
import { fuzz } from './fuzz.ts';
import { Message } from './message.ts';
import { mutated } from './mutated.ts';
import { MAX_PAYLOAD, websocketPieces, type Piece } from './websocket-pieces.ts';
import { deliver, delivery, type Delivery } from './wire.ts';

const DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover';

/** What a server does on one connection. */
const served = fc
  .boolean()
  .chain((isDeflateAgreed) =>
    fc.record({ isDeflateAgreed: fc.constant(isDeflateAgreed), pieces: websocketPieces(isDeflateAgreed), delivery }),
  );

/** The messages that the pieces complete, until one ends it all. */
function messagesIn(pieces: readonly Piece[]): readonly Message[] {
  const last = pieces.findIndex(({ isLast }) => isLast === true);
  return (last < 0 ? pieces : pieces.slice(0, last)).flatMap(({ message }) => message ?? []);
}

function received(frames: readonly RawFrame[]): readonly Message[] {
  return frames.map(({ rawData, isBinary }) => new Message(Uint8Array.from(rawData), isBinary));
}

/** Starts a server; gives what becomes of a connection to which it sends these bytes after the upgrade. */
async function client(): Promise<
  (bytes: Uint8Array, isDeflateAgreed: boolean, how: Delivery) => Promise<{ frames: readonly RawFrame[]; end: unknown }>
> {
  let serve: (socket: Socket, request: string) => void = () => undefined;
  const server = await tcpServer((socket, request) => serve(socket, request));

  return async (bytes, isDeflateAgreed, how) => {
    serve = (socket, request) => {
      socket.write(switching(request, ...(isDeflateAgreed ? [DEFLATE] : [])));
      void deliver(socket, bytes, how);
    };
    const { values, ended } = record(
      connect({
        url: server.url,
        maxPayload: MAX_PAYLOAD,
        closeTimeout: 50,
        // A server that neither sends nor closes is dead.
        heartbeat: how.ending === 'stay' ? { interval: 30, timeout: 30 } : false,
      }),
    );
    const end = await ended;
    const closed = () => server.open.size === 0;
    await settle(closed);
    expect(closed(), 'the connection is closed').toBe(true);
    expect(values.items.map(({ sequence }) => sequence)).toStrictEqual(values.items.map((_, index) => index));
    expect(end === 'complete' || end instanceof RxFrameError, String(end)).toBe(true);
    return { frames: values.items, end };
  };
}

describe('a connection', () => {
  it('gives the messages that a server sent in whatever pieces, in order, until the server ends it or breaks the protocol', async () => {
    const send = await client();
    await fuzz(served, async ({ isDeflateAgreed, pieces, delivery: how }) => {
      const { frames, end } = await send(Buffer.concat(pieces.map(({ bytes }) => bytes)), isDeflateAgreed, how);
      const expected = messagesIn(pieces);
      if (how.ending === 'fin') expect(received(frames)).toStrictEqual(expected);
      // What was under way when the server cut the connection may be lost.
      else expect(received(frames)).toStrictEqual(expected.slice(0, frames.length));

      const last = pieces.find(({ isLast }) => isLast === true);
      const isNormalClose =
        last !== undefined && last.bytes[0] === 0x88 && last.bytes[2] === 3 && last.bytes[3] === 232;
      if (end === 'complete') expect(isNormalClose, 'the server has closed with 1000').toBe(true);
      else if (how.ending === 'fin') expect(isNormalClose, 'the server has not closed with 1000').toBe(false);
    });
  });

  it('ends with an error of its own, or completes, whatever bytes come after the upgrade', async () => {
    const send = await client();
    const given = served.chain((one) => {
      const bytes = Uint8Array.from(Buffer.concat(one.pieces.map((piece) => piece.bytes)));
      const garbage = fc.oneof(
        { weight: 8, arbitrary: mutated(fc.constant(bytes)) },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
      );
      return fc.record({ one: fc.constant(one), bytes: fc.constant(bytes), garbage });
    });
    await fuzz(given, async ({ one: { pieces, isDeflateAgreed, delivery: how }, bytes, garbage }) => {
      const { frames } = await send(garbage, isDeflateAgreed, how);
      for (const { byteLength } of frames) expect(byteLength).toBeLessThanOrEqual(MAX_PAYLOAD);
      if (how.ending !== 'fin') return;

      const firstDifference = garbage.findIndex((byte, at) => byte !== bytes[at]);
      let end = 0;
      const untouched = pieces.filter(
        (piece) => (end += piece.bytes.length) <= (firstDifference < 0 ? garbage.length : firstDifference),
      );
      const expected = messagesIn(untouched);
      expect(received(frames).slice(0, expected.length), 'what came before the damage').toStrictEqual(expected);
    });
  });
});
