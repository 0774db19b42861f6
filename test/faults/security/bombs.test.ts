import type { Socket } from 'node:net';
import { brotliCompressSync, constants, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { give, tokenServer, type Answer } from '../../auth/token-server.ts';
import { switching, tcpServer } from '../../connection/servers.ts';
import { startClient } from '../client-process.ts';
import type { Told } from './hostile-client-main.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** Zeros, deflated: so many times what 16 MiB of them come to, which can stand one after the other (Z_FULL_FLUSH). */
function deflatedZeros(bytes: number): Buffer {
  const piece = deflateRawSync(Buffer.alloc(16 * MiB), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  const whole = Buffer.concat(Array<Buffer>(bytes / (16 * MiB)).fill(piece));
  // The four bytes that RFC 7692 section 7.2.1 leaves out.
  return whole.subarray(0, -4);
}

const FIN = 0x80;
const COMPRESSED = 0x40;
const BINARY = 0x2;
const CONTINUATION = 0x0;
const PING = 0x9;

/** One frame of a server (RFC 6455 section 5.2). */
function frame(head: number, payload: Uint8Array): Buffer {
  const length = Buffer.alloc(9, 127);
  length.writeBigUInt64BE(BigInt(payload.length), 1);
  const short = payload.length < 126 ? Buffer.from([payload.length]) : length;
  return Buffer.concat([Buffer.from([head]), short, payload]);
}

/** A message in as many frames as its pieces. */
function fragmented(head: number, payload: Buffer, size: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const first = at === 0 ? head : CONTINUATION;
    const last = at + size >= payload.length ? FIN : 0;
    pieces.push(frame(first | last, payload.subarray(at, at + size)));
  }
  return Buffer.concat(pieces);
}

const CLOSE = Buffer.from([0x88, 2, 0x03, 0xe8]);

/** Sends it again and again, as fast as the client takes it. */
function endlessly(bytes: Buffer): (socket: Socket) => void {
  return (socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(bytes));
    };
    socket.on('drain', more);
    more();
  };
}

/** Runs a client in a process of its own, which asks for a token or for the stream, and gives what it told. */
async function clientOf(what: 'token' | 'stream', address: string): Promise<Told> {
  const account = { loginUrl: address, streamUrl: address, clientId: 'id', clientSecret: 'secret' };
  const { messages, ended } = await startClient<Told>('./security/hostile-client-main.ts', account, { ASK: what });
  const told = await messages.until(1);
  expect(await ended).toBe(0);
  return told;
}

const inMiB = (bytes: number) => (bytes / MiB).toFixed(bytes < MiB ? 3 : 0);

describe.skipIf(process.platform !== 'linux')('a streaming endpoint', () => {
  const zeros = Buffer.alloc(MiB);
  const compressed: Record<string, [send: (socket: Socket) => void, error: RegExp | undefined, outcomes: number]> = {
    'whose message inflates to 1 GiB': [
      (socket) => socket.write(frame(FIN | COMPRESSED | BINARY, deflatedZeros(GiB))),
      /code 1009/,
      0,
    ],
    'whose message in a thousand fragments does': [
      (socket) => socket.write(fragmented(COMPRESSED | BINARY, deflatedZeros(GiB), 1_024)),
      /code 1009/,
      0,
    ],
    'whose twenty messages inflate to 16 MiB each, which is just allowed': [
      (socket) => {
        const message = frame(FIN | COMPRESSED | BINARY, deflatedZeros(16 * MiB));
        socket.write(Buffer.concat([...Array<Buffer>(20).fill(message), CLOSE]));
      },
      undefined,
      20,
    ],
    'that never ends a message': [
      (socket) => {
        socket.write(frame(BINARY, zeros));
        endlessly(frame(CONTINUATION, zeros))(socket);
      },
      /code 1009/,
      0,
    ],
    'that never ends a message of empty fragments': [
      (socket) => {
        socket.write(frame(BINARY, Buffer.alloc(0)));
        endlessly(Buffer.alloc(16_384, frame(CONTINUATION, Buffer.alloc(0))))(socket);
      },
      /code 1008/,
      0,
    ],
    'that floods pings, reads no answer, and closes': [
      (socket) => {
        const ping = frame(FIN | PING, Buffer.alloc(125));
        socket.pause();
        socket.write(Buffer.concat([Buffer.alloc(ping.length * 200_000, ping), CLOSE]), () => socket.resume());
      },
      undefined,
      0,
    ],
  };

  it.for(Object.entries(compressed))('%s does not fill the memory', async ([what, [send, error, outcomes]]) => {
    const server = await tcpServer((socket, request) => {
      socket.write(switching(request, 'Sec-WebSocket-Extensions: permessage-deflate'));
      send(socket);
    });
    const told = await clientOf('stream', server.url);
    console.log(`${what}: ${told.error ?? 'completed'}, ${inMiB(told.peak)} MiB more at its peak`);
    if (error === undefined) expect(told.error).toBeUndefined();
    else expect(told.error).toMatch(error);
    expect(told.outcomes).toBe(outcomes);
    // maxPayload is 16 MiB: so much inflated, and as much again where the pieces are put together, and what is in the sockets.
    expect(told.peak).toBeLessThan(160 * MiB);
  });
});

describe.skipIf(process.platform !== 'linux')('a token endpoint', () => {
  const gzipped = () => Buffer.concat(Array<Buffer>(64).fill(gzipSync(Buffer.alloc(16 * MiB, ' '), { level: 9 })));
  const packed = (encoding: string, body: () => Buffer, status = 200): Answer => {
    const bytes = body();
    return (response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'content-encoding': encoding });
      response.end(bytes);
    };
  };
  const answers: Record<string, () => Answer> = {
    'whose gzip inflates to 1 GiB': () => packed('gzip', gzipped),
    'whose gzip within gzip does': () => packed('gzip, gzip', () => gzipSync(gzipped())),
    'whose Brotli inflates to 256 MiB': () =>
      packed('br', () =>
        brotliCompressSync(Buffer.alloc(256 * MiB, ' '), {
          params: { [constants.BROTLI_PARAM_QUALITY]: 2, [constants.BROTLI_PARAM_LGWIN]: 24 },
        }),
      ),
    'whose answer is 64 MiB': () => (response) => give(response, 200, ' '.repeat(64 * MiB)),
    'whose refusal inflates to 1 GiB': () => packed('gzip', gzipped, 400),
  };

  it.for(Object.entries(answers))('%s does not fill the memory', async ([what, answer]) => {
    const server = await tokenServer(answer());
    const told = await clientOf('token', server.loginUrl);
    console.log(`${what}: ${inMiB(told.peak)} MiB more at its peak`);
    expect(told.error).toMatch(/^AuthError: Authentication failed: \S+ answered (?:200, but with a body too long|400)/);
    expect(told.peak).toBeLessThan(100 * MiB);
  });
});
