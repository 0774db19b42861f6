import { deflateRawSync } from 'node:zlib';
import { config, filter, share } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { RawFrame } from '../../operators/frame.ts';
import { connect } from '../../src/connection/connect.ts';
import { nodeSocket } from '../../src/connection/node-socket.ts';
import { Log } from './log.ts';
import { record } from './record.ts';
import { closeCodeIn, switching, tcpServer, webSocketServer } from './servers.ts';

const bytesOf = ({ rawData }: RawFrame) => Buffer.from(rawData).toString('latin1');

describe('a frame', () => {
  it('has the bytes as received, the opcode, its place and its times', async () => {
    const { url } = await webSocketServer((webSocket) => {
      webSocket.send('grüße');
      webSocket.send(Buffer.from([0x80, 0, 255]));
      webSocket.send('');
      webSocket.send(Buffer.alloc(0));
      webSocket.close(1000);
    });
    const before = Date.now();
    const { values, ended } = record(connect({ url }));
    expect(await ended).toBe('complete');
    expect(values.items).toHaveLength(4);
    const [text, binary, emptyText, emptyBinary] = values.items as [RawFrame, RawFrame, RawFrame, RawFrame];
    expect(text).toMatchObject({ kind: 'raw', isBinary: false, sequence: 0, byteLength: 7 });
    expect(Buffer.from(text.rawData).toString()).toBe('grüße');
    expect(binary).toMatchObject({ isBinary: true, sequence: 1, byteLength: 3 });
    expect([...binary.rawData]).toEqual([0x80, 0, 255]);
    expect(emptyText).toMatchObject({ isBinary: false, sequence: 2, byteLength: 0 });
    expect(emptyBinary).toMatchObject({ isBinary: true, sequence: 3, byteLength: 0 });
    expect(text.frameId).toBe(`${text.connectionId}-0`);
    expect(text.timestamp).toBeGreaterThanOrEqual(before);
    expect(text.timestamp).toBeLessThanOrEqual(Date.now());
  });

  it('is one whole message, in however many fragments and packets it came', async () => {
    const { url } = await webSocketServer((webSocket) => {
      webSocket.send('one ', { fin: false });
      webSocket.ping();
      webSocket.send('two ', { fin: false });
      webSocket.send('', { fin: false });
      webSocket.send('three', { fin: true });
      webSocket.send('x'.repeat(300_000));
      webSocket.close(1000);
    });
    const { values, ended } = record(connect({ url }));
    expect(await ended).toBe('complete');
    expect(values.items.map(({ byteLength, sequence }) => [sequence, byteLength])).toEqual([
      [0, 13],
      [1, 300_000],
    ]);
    expect(bytesOf(values.items[0]!)).toBe('one two three');
  });

  it('is numbered without a hole, and its receipt never goes back in time', async () => {
    const count = 5_000;
    const { url } = await webSocketServer((webSocket) => {
      for (let i = 0; i < count; i += 1) webSocket.send(String(i));
      webSocket.close(1000);
    });
    const { values, ended } = record(connect({ url }));
    expect(await ended).toBe('complete');
    expect(values.items.map(bytesOf)).toEqual(Array.from({ length: count }, (_, i) => String(i)));
    expect(values.items.map(({ sequence }) => sequence)).toEqual(Array.from({ length: count }, (_, i) => i));
    const times = values.items.map(({ receivedAt }) => receivedAt);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(values.items.at(-1)!.receivedAt).toBeLessThanOrEqual(performance.now());
  });

  it('that is text and not UTF-8 costs itself, not the connection', async () => {
    const { url } = await webSocketServer((webSocket) => {
      webSocket.send(Buffer.from([0xff, 0xfe, 0x80]), { binary: false });
      webSocket.send('fine');
      webSocket.close(1000);
    });
    const { values, ended } = record(connect({ url }));
    expect(await ended).toBe('complete');
    expect(values.items.map((frame) => [bytesOf(frame), frame.isBinary])).toEqual([
      ['\xff\xfe\x80', false],
      ['fine', false],
    ]);
  });

  it('that was compressed is the bytes before compression', async () => {
    const { url, connections } = await webSocketServer(
      (webSocket) => {
        webSocket.send('a'.repeat(10_000));
        webSocket.close(1000);
      },
      { perMessageDeflate: { threshold: 0 } },
    );
    const { values, ended } = record(connect({ url }));
    expect(await ended).toBe('complete');
    expect(connections.items[0]?.extensions).toBe('permessage-deflate');
    expect(values.items.map(({ byteLength }) => byteLength)).toEqual([10_000]);
  });
});

describe('maxPayload', () => {
  /** What a client sends after these bytes have reached it on an open WebSocket, and how its stream ends. */
  async function answerTo(bytes: Buffer, maxPayload: number, ...headers: string[]) {
    const sent = new Log<Buffer>();
    const { url } = await tcpServer((socket, request) => {
      socket.on('data', sent.next);
      socket.write(switching(request, ...headers));
      socket.write(bytes);
    });
    const { ended } = record(connect({ url, maxPayload, closeTimeout: 500 }));
    return { error: await ended, closeCode: closeCodeIn(Buffer.concat(sent.items)) };
  }
  const tooLarge = { error: { code: 'ERR_CLOSED', closeCode: 1009 }, closeCode: 1009 };

  it('closes with 1009 on the mere announcement of 1 GiB, and allocates nothing for it', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const announcement = Buffer.from([0x82, 0x7f, 0, 0, 0, 0, 0x40, 0, 0, 0]);
    expect(await answerTo(announcement, 16 * 1024 * 1024)).toMatchObject(tooLarge);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  });

  it('closes with 1009 on the announcement of more than a number can say', async () => {
    const announcement = Buffer.from([0x82, 0x7f, 0x7f, 255, 255, 255, 255, 255, 255, 255]);
    expect(await answerTo(announcement, 2 ** 31 - 1)).toMatchObject(tooLarge);
  });

  it('counts fragments together', async () => {
    const fragments = Buffer.concat([Buffer.from([0x02, 6]), Buffer.alloc(6), Buffer.from([0x80, 5])]);
    expect(await answerTo(fragments, 10)).toMatchObject(tooLarge);
  });

  it('counts what compressed data would expand to', async () => {
    const bomb = deflateRawSync(Buffer.alloc(1024 * 1024));
    const head = Buffer.from([0xc2, 126, bomb.length >> 8, bomb.length & 0xff]);
    const extension = 'Sec-WebSocket-Extensions: permessage-deflate';
    expect(await answerTo(Buffer.concat([head, bomb]), 100_000, extension)).toMatchObject(tooLarge);
  });

  it('lets a message of just that size through, and ends the stream at one byte more', async () => {
    const { url, closeCodes } = await webSocketServer((webSocket) => {
      webSocket.send(Buffer.alloc(1_000));
      webSocket.send(Buffer.alloc(1_001));
      webSocket.send('never seen');
    });
    const { values, ended } = record(connect({ url, maxPayload: 1_000 }));
    expect(await ended).toMatchObject({ closeCode: 1009, reason: 'a message was larger than maxPayload' });
    expect(await closeCodes.until(1)).toBe(1009);
    expect(values.items.map(({ byteLength }) => byteLength)).toEqual([1_000]);
  });

  it('is 16 MiB where none is given', async () => {
    const { url } = await webSocketServer((webSocket) => {
      webSocket.send(Buffer.alloc(16 * 1024 * 1024));
      webSocket.send(Buffer.alloc(16 * 1024 * 1024 + 1));
    });
    const { values, ended } = record(connect({ url, socket: nodeSocket({ perMessageDeflate: false }) }));
    expect(await ended).toMatchObject({ closeCode: 1009 });
    expect(values.items).toHaveLength(1);
  });
});

describe("a consumer's exception", () => {
  afterEach(() => {
    config.onUnhandledError = null;
  });

  it('is reported, and leaves the others of a shared connection going on', async () => {
    const reported = new Log<unknown>();
    config.onUnhandledError = reported.next;
    const { url, connections } = await webSocketServer((webSocket) => webSocket.send('0'));
    const frames$ = connect({ url }).pipe(share());
    const failure = new Error('the consumer is broken');
    const broken = frames$.subscribe(() => {
      throw failure;
    });
    const other = record(frames$);
    await other.values.until(1);
    connections.items[0]?.send('1');
    await other.values.until(2);
    expect(await reported.until(2)).toBe(failure);
    connections.items[0]?.close(1000);
    expect(await other.ended).toBe('complete');
    expect(broken.closed).toBe(true);
    expect(connections.items).toHaveLength(1);
  });

  it('is the error of its own stream where it is thrown in an operator', async () => {
    const { url, connections, closeCodes } = await webSocketServer((webSocket) => webSocket.send('0'));
    const frames$ = connect({ url }).pipe(share());
    const failure = new Error('the operator is broken');
    const broken = record(
      frames$.pipe(
        filter(() => {
          throw failure;
        }),
      ),
    );
    const other = record(frames$);
    expect(await broken.ended).toBe(failure);
    await other.values.until(1);
    connections.items[0]?.send('1');
    await other.values.until(2);
    other.subscription.unsubscribe();
    expect(await closeCodes.until(1)).toBe(1000);
  });

  it('in the state Observer is reported, and harms neither the stream nor later states', async () => {
    const reported = new Log<unknown>();
    config.onUnhandledError = reported.next;
    const { url } = await webSocketServer((webSocket) => {
      webSocket.send('0');
      webSocket.close(1000);
    });
    const failure = new Error('the state view is broken');
    let told = 0;
    const state = {
      next: () => {
        told += 1;
        throw failure;
      },
    };
    const { values, ended } = record(connect({ url, state }));
    expect(await ended).toBe('complete');
    expect(values.items).toHaveLength(1);
    expect(await reported.until(3)).toBe(failure);
    expect(told).toBe(3);
  });
});
