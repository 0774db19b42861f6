import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { Flow } from '../../operators/flow.ts';
import { connect } from '../../src/connection/connect.ts';
import { Log } from './log.ts';
import { record, States } from './record.ts';
import { settle, switching, tcpServer, webSocketServer } from './servers.ts';

const COUNT = 512;
const SIZE = 64 * 1024;

/** Sends 32 MiB: more than any pair of kernel buffers holds, so that a client that does not read leaves some unsent. */
function sendMuch(webSocket: WebSocket): void {
  for (let i = 0; i < COUNT; i += 1) {
    const message = Buffer.alloc(SIZE);
    message.writeUInt32BE(i);
    webSocket.send(message);
  }
}

/** Round trips on a connection of their own: what could have arrived on another one by now, has. */
async function roundTrips(): Promise<void> {
  const { url } = await webSocketServer((webSocket) => {
    webSocket.send('0');
    webSocket.on('message', (data) => webSocket.send(data as Buffer));
  });
  const echo = record(connect({ url, outgoing$: Array.from({ length: 200 }, String) }));
  await echo.values.until(200);
  echo.subscription.unsubscribe();
}

const numbers = (frames: readonly { readonly rawData: Uint8Array }[]) =>
  frames.map(({ rawData }) => Buffer.from(rawData).readUInt32BE());
const all = Array.from({ length: COUNT }, (_, i) => i);

describe('a flow', () => {
  it('that is held when the socket opens lets nothing in, and on the wire the sender is stopped', async () => {
    const { url, connections } = await webSocketServer(sendMuch);
    const flow = new Flow();
    const holder = {};
    flow.hold(holder);
    const { values } = record(connect({ url, flow }));
    const webSocket = await connections.until(1);
    await roundTrips();
    expect(values.items).toEqual([]);
    expect(webSocket.bufferedAmount).toBeGreaterThan(SIZE);

    flow.release(holder);
    await values.until(COUNT);
    expect(numbers(values.items)).toEqual(all);
    expect(values.items.map(({ sequence }) => sequence)).toEqual(all);
    await settle(() => webSocket.bufferedAmount === 0);
    expect(webSocket.bufferedAmount).toBe(0);
  });

  it('that is held in the middle stops the sender, and loses nothing', async () => {
    const { url, connections } = await webSocketServer(sendMuch);
    const flow = new Flow();
    const holder = {};
    const { values } = record(connect({ url, flow }));
    await values.until(3);
    flow.hold(holder);
    const seen = values.items.length;
    await roundTrips();
    // What was in the packet at hand when it was paused may still be told: at most 64 KiB, that is one message.
    expect(values.items.length).toBeLessThanOrEqual(seen + 1);
    expect(connections.items[0]?.bufferedAmount).toBeGreaterThan(SIZE);
    flow.release(holder);
    await values.until(COUNT);
    expect(numbers(values.items)).toEqual(all);
  });

  it('tells of a close only after all that came before it', async () => {
    const { url, connections } = await webSocketServer((webSocket) => {
      webSocket.send('one');
      webSocket.send('two');
      webSocket.close(1000);
    });
    const flow = new Flow();
    flow.hold(flow);
    const { values, ended } = record(connect({ url, flow }));
    await connections.until(1);
    await roundTrips();
    expect(values.items).toEqual([]);
    flow.release(flow);
    expect(await ended).toBe('complete');
    expect(values.items).toHaveLength(2);
  });

  it('does not keep us from unsubscribing: the server still sees 1000', async () => {
    const { url, closeCodes } = await webSocketServer(sendMuch);
    const flow = new Flow();
    flow.hold(flow);
    const state = new States();
    const { values, subscription } = record(connect({ url, flow, state }));
    await state.reach('open');
    subscription.unsubscribe();
    expect(await closeCodes.until(1)).toBe(1000);
    expect(values.items).toEqual([]);
    expect(flow.attached).toBe(false);
  });

  it('that is held while the server closes does not keep us from seeing the end', async () => {
    const flow = new Flow();
    const { url } = await tcpServer((socket, request) => {
      socket.write(switching(request));
      socket.write(Buffer.from([0x88, 2, 0x03, 0xe8]));
      // The client's half of the closing handshake: it is closing from here on, and TCP is still open.
      socket.once('data', () => {
        flow.hold(flow);
        socket.end();
      });
    }, true);
    expect(await record(connect({ url, flow, closeTimeout: 600_000 })).ended).toBe('complete');
  });

  it('is attached while the socket is open, and no longer', async () => {
    const { url, connections } = await webSocketServer();
    const flow = new Flow();
    const state = new States();
    const { ended } = record(connect({ url, flow, state }));
    expect(flow.attached).toBe(false);
    await state.reach('open');
    expect(flow.attached).toBe(true);
    connections.items[0]?.close(1011);
    await ended;
    expect(flow.attached).toBe(false);
  });

  it('that was held while a server pinged a hundred times loses nothing, and the last ping is answered', async () => {
    const pongs = new Log<string>();
    const { url, connections } = await webSocketServer((webSocket) =>
      webSocket.on('pong', (data) => pongs.next(String(data))),
    );
    const flow = new Flow();
    const holder = {};
    const { values } = record(connect({ url, flow, heartbeat: false }));
    const webSocket = await connections.until(1);
    flow.hold(holder);
    for (let i = 0; i < 100; i += 1) {
      webSocket.ping(String(i));
      webSocket.send(String(i));
    }
    await roundTrips();
    flow.release(holder);
    await values.until(100);
    await pongs.find((data) => data === '99');
    expect(values.items.map(({ rawData }) => String(rawData))).toEqual(
      Array.from({ length: 100 }, (_, i) => String(i)),
    );
  });
});
