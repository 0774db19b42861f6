import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { Flow } from '../../operators/flow.ts';
import type { ConnectOptions } from '../../src/connection/connect-options.ts';
import { connect } from '../../src/connection/connect.ts';
import { HandClock } from './hand-clock.ts';
import { Log } from './log.ts';
import { record, States } from './record.ts';
import { settle, switching, tcpServer, webSocketServer } from './servers.ts';

/** An open connection whose timers go by hand, so that no test waits and none depends on the machine's speed. */
async function opened(options: ConnectOptions) {
  const clock = new HandClock();
  const state = new States();
  const recording = record(connect({ ...options, state, scheduler: clock }));
  await state.reach('open');
  return { ...recording, clock, state };
}

/** Resolves when the client has seen all that was sent to it: it has answered a ping that came behind. */
function seenByClient(webSocket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    webSocket.once('pong', () => resolve());
    webSocket.ping();
  });
}

const dead = { code: 'ERR_TIMEOUT', during: 'heartbeat' };

describe('the heartbeat', () => {
  it('pings after 30 s by itself, and fails the connection where nothing comes in the 10 s after', async () => {
    const { url, pings, closeCodes } = await webSocketServer(undefined, { autoPong: false });
    const { clock, state, ended } = await opened({ url });
    clock.advance(29_999);
    clock.advance(1);
    await pings.until(1);
    clock.advance(9_999);
    expect(state.statuses).toEqual(['connecting', 'open']);
    clock.advance(2);
    const error = (await ended) as Error;
    expect(error).toMatchObject({ ...dead, timeout: 10_000, openFor: 40_001 });
    expect(error.message).toBe('Nothing came within 10000 ms of a ping: the connection is dead.');
    expect(state.statuses).toEqual(['connecting', 'open', 'closed']);
    expect(state.items[2]).toHaveProperty('cause', error);
    expect(await closeCodes.until(1)).toBe(1006);
    expect(pings.items).toHaveLength(1);
  });

  it('does not ping before its interval', async () => {
    const { url, connections, pings, received } = await webSocketServer();
    const { clock, values } = await opened({ url, heartbeat: { interval: 100, timeout: 50 } });
    clock.advance(99);
    connections.items[0]?.send('a round trip');
    await values.until(1);
    expect(pings.items).toEqual([]);
    expect(received.items).toEqual([]);
  });

  it('is content with a pong, and pings again an interval after the last ping', async () => {
    const { url, connections, pings } = await webSocketServer();
    const { clock, state } = await opened({ url, heartbeat: { interval: 100, timeout: 40 } });
    for (let beat = 1; beat <= 3; beat += 1) {
      clock.advance(beat === 1 ? 100 : 60);
      await pings.until(beat);
      await seenByClient(connections.items[0]!);
      clock.advance(40);
    }
    expect(pings.items).toHaveLength(3);
    expect(state.statuses).toEqual(['connecting', 'open']);
  });

  it('is content with any message, though the ping itself is never answered', async () => {
    const { url, connections, pings } = await webSocketServer(undefined, { autoPong: false });
    const { clock, values, state } = await opened({ url, heartbeat: { interval: 100, timeout: 40 } });
    clock.advance(100);
    await pings.until(1);
    connections.items[0]?.send('no pong, but alive');
    await values.until(1);
    clock.advance(40);
    expect(state.statuses).toEqual(['connecting', 'open']);
    clock.advance(60);
    await pings.until(2);
    clock.advance(41);
    expect(state.statuses.at(-1)).toBe('closed');
  });

  it('sends a message instead of a ping where one is given, made anew each time', async () => {
    const { url, pings, received } = await webSocketServer((webSocket) =>
      webSocket.on('message', () => webSocket.send('{"message":"pong"}')),
    );
    let made = 0;
    const message = () => `{"message":"ping","n":${(made += 1)}}`;
    const { clock, values, state } = await opened({ url, heartbeat: { interval: 100, timeout: 40, message } });
    clock.advance(100);
    await values.until(1);
    clock.advance(40);
    clock.advance(60);
    await values.until(2);
    clock.advance(40);
    expect(received.items.map(({ data }) => data.toString())).toEqual([
      '{"message":"ping","n":1}',
      '{"message":"ping","n":2}',
    ]);
    expect(pings.items).toEqual([]);
    expect(state.statuses).toEqual(['connecting', 'open']);
  });

  it('fails the connection where its message is not answered', async () => {
    const { url, received } = await webSocketServer();
    const { clock, ended } = await opened({ url, heartbeat: { interval: 100, timeout: 40, message: () => 'ping' } });
    clock.advance(100);
    await received.until(1);
    clock.advance(41);
    expect(await ended).toMatchObject(dead);
  });

  it('makes what its message throws the error of the connection', async () => {
    const { url, closeCodes } = await webSocketServer();
    const failure = new Error('no ping today');
    const message = () => {
      throw failure;
    };
    const { clock, ended } = await opened({ url, heartbeat: { interval: 100, message } });
    clock.advance(100);
    expect(await ended).toBe(failure);
    expect(await closeCodes.until(1)).toBe(1000);
  });

  it('notices a peer that takes the connection and is never heard of again', async () => {
    const server = await tcpServer((socket, request) => socket.write(switching(request)));
    const { clock, ended } = await opened({ url: server.url, heartbeat: { interval: 100, timeout: 40 } });
    clock.advance(141);
    expect(await ended).toMatchObject(dead);
    await settle(() => server.open.size === 0);
    expect(server.open.size).toBe(0);
  });

  it('leaves alone a connection that is closing, whose end has a cause of its own', async () => {
    const answered = new Log<Buffer>();
    const server = await tcpServer((socket, request) => {
      socket.on('data', answered.next);
      socket.write(switching(request));
    }, true);
    const heartbeat = { interval: 100, timeout: 40 };
    const { clock, state, ended } = await opened({ url: server.url, closeTimeout: 100, heartbeat });
    clock.advance(100);
    await answered.until(1);
    // A close frame with code 1001 (RFC 6455 section 5.5.1), and then no end of the TCP connection.
    server.accepted.items[0]?.write(Buffer.of(0x88, 2, 0x03, 0xe9));
    await answered.until(2);
    clock.advance(41);
    expect(state.statuses).toEqual(['connecting', 'open']);
    expect(await ended).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1001 });
    server.accepted.items[0]?.destroy();
  });

  it('is not there where it is false', async () => {
    const { url, pings, connections } = await webSocketServer(undefined, { autoPong: false });
    const { clock, values, state } = await opened({ url, heartbeat: false });
    clock.advance(10_000_000);
    connections.items[0]?.send('a round trip');
    await values.until(1);
    expect(pings.items).toEqual([]);
    expect(state.statuses).toEqual(['connecting', 'open']);
  });

  it('ends with the connection', async () => {
    const { url, pings, closeCodes } = await webSocketServer();
    const { clock, subscription } = await opened({ url, heartbeat: { interval: 100 } });
    subscription.unsubscribe();
    clock.advance(1_000);
    await closeCodes.until(1);
    expect(pings.items).toEqual([]);
  });
});

describe('the heartbeat, while a flow holds the socket', () => {
  const heartbeat = { interval: 100, timeout: 40 };

  it('neither pings nor fails, and starts anew an interval after', async () => {
    const { url, pings } = await webSocketServer(undefined, { autoPong: false });
    const flow = new Flow();
    const { clock, state, ended } = await opened({ url, flow, heartbeat });
    flow.hold(flow);
    clock.advance(10_000);
    expect(state.statuses).toEqual(['connecting', 'open']);
    flow.release(flow);
    clock.advance(100);
    await pings.until(1);
    clock.advance(41);
    expect(await ended).toMatchObject(dead);
    expect(pings.items).toHaveLength(1);
  });

  it('gives no false alarm where the flow is held from the ping until after the timeout', async () => {
    const { url, pings } = await webSocketServer();
    const flow = new Flow();
    const { clock, state } = await opened({ url, flow, heartbeat });
    clock.advance(100);
    flow.hold(flow);
    await pings.until(1);
    clock.advance(41);
    expect(state.statuses).toEqual(['connecting', 'open']);
  });

  it('gives no false alarm where the flow is released right before the timeout, and the answer not yet read', async () => {
    const { url, pings, connections } = await webSocketServer();
    const flow = new Flow();
    const { clock, state } = await opened({ url, flow, heartbeat });
    clock.advance(100);
    flow.hold(flow);
    await pings.until(1);
    flow.release(flow);
    clock.advance(40);
    expect(state.statuses).toEqual(['connecting', 'open']);
    await seenByClient(connections.items[0]!);
    clock.advance(1);
    expect(state.statuses).toEqual(['connecting', 'open']);
  });
});
