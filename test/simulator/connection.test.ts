import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ReceivedMessage, SentFrame } from '../../src/simulator/index.ts';
import { allMessages, connected, open, start, validToken } from './plain-client.ts';

describe('a scripted connection fault', () => {
  it('closes with code and reason after the frames before it', async () => {
    const simulator = await start({ rate: Infinity, script: [{ at: 5, close: 1012, reason: 'restart' }] });
    const client = await connected(simulator);
    expect(await client.closed).toEqual([1012, 'restart']);
    expect(client.messages).toHaveLength(5);
  });

  it('drops the connection without a handshake, and loses none of the frames before it', async () => {
    const simulator = await start({ rate: Infinity, script: [{ at: 700, connection: 0, drop: true }], frames: 800 });
    const client = await connected(simulator);
    expect(await client.closed).toEqual([1006, '']);
    expect(client.messages).toHaveLength(700);
    expect(simulator.totals.frames).toBe(700);
    expect(await allMessages(simulator)).toHaveLength(800);
  });

  it('drops a client that does not read, too', async () => {
    const simulator = await start({
      rate: Infinity,
      poolSize: 8,
      script: [
        { at: 0, fault: 'oversize' },
        { at: 1, drop: true },
      ],
    });
    const client = await connected(simulator);
    await once(client.webSocket, 'open');
    client.webSocket.pause();
    const other = open(simulator, await validToken(simulator));
    expect((await other.closed)[0]).toBe(1006);
    client.webSocket.resume();
    expect((await client.closed)[0]).toBe(1006);
  });

  it('stalls: sends nothing for the time, keeps the connection, then goes on', async () => {
    const simulator = await start({ rate: 1000, frames: 10, script: [{ at: 4, stall: 150 }] });
    const client = await connected(simulator);
    await client.until(4);
    const stalled = performance.now();
    await client.until(5);
    // A timer may fire a millisecond early by the other clock.
    expect(performance.now() - stalled).toBeGreaterThan(130);
    expect(await client.closed).toEqual([1000, '']);
    expect(client.messages).toHaveLength(10);
  });

  it('stalls for good, and answers pings meanwhile', async () => {
    const simulator = await start({ rate: Infinity, script: [{ at: 2, stall: Infinity }] });
    const client = await connected(simulator);
    await client.until(2);
    client.webSocket.ping('still there?');
    const [answer] = (await once(client.webSocket, 'pong')) as [Buffer];
    expect(answer.toString()).toBe('still there?');
    expect(client.messages).toHaveLength(2);
    expect(simulator.openSockets).toBe(1);
  });

  it('happens in the order listed, where several are at one place', async () => {
    const script = [
      { at: 1, stall: 20 },
      { at: 1, close: 4000 },
    ] as const;
    const client = await connected(await start({ rate: Infinity, script }));
    expect(await client.closed).toEqual([4000, '']);
    expect(client.messages).toHaveLength(1);
  });
});

describe('the rate', () => {
  it('is kept', async () => {
    const simulator = await start({ rate: 500, frames: 101 });
    const client = await connected(simulator);
    await client.until(1);
    const first = performance.now();
    await client.until(101);
    // 100 periods of 2 ms, less the tick of 10 ms with which the first may have been late.
    expect(performance.now() - first).toBeGreaterThan(170);
  });

  it('is taken down by a client that does not read, and everything comes once it does', async () => {
    const bytes = [0, 0];
    const simulator = await start({
      rate: Infinity,
      frames: 60_000,
      onSent: ({ connection, byteLength }: SentFrame) => {
        bytes[connection]! += byteLength;
      },
    });
    const paused = await connected(simulator);
    await once(paused.webSocket, 'open');
    paused.webSocket.pause();
    // The other connection is the clock: what it gets meanwhile, the paused one would have been sent as well.
    const other = await connected(simulator);
    await other.closed;
    expect(other.messages).toHaveLength(60_000);
    expect(bytes[1]).toBeGreaterThan(60_000_000);
    expect(bytes[0]).toBeLessThan(24_000_000);
    paused.webSocket.resume();
    expect(await paused.closed).toEqual([1000, '']);
    expect(paused.messages).toHaveLength(60_000);
  });
});

describe('by hand', () => {
  it('dropAll ends all connections without a handshake', async () => {
    const simulator = await start();
    const clients = [await connected(simulator), await connected(simulator)];
    await Promise.all(clients.map((client) => client.until(1)));
    expect(simulator.openSockets).toBe(2);
    simulator.dropAll();
    for (const client of clients) expect((await client.closed)[0]).toBe(1006);
    expect(simulator.totals.connections).toBe(2);
  });

  it('dropAll from within onSent stops the sending at that frame', async () => {
    const drop = (): void => simulator.dropAll();
    const simulator = await start({
      rate: Infinity,
      onSent: ({ index }) => {
        if (index === 9) drop();
      },
    });
    const client = await connected(simulator);
    expect((await client.closed)[0]).toBe(1006);
    expect(simulator.totals.frames).toBe(10);
  });

  it('closeAll closes with code and reason, 1001 by default', async () => {
    const simulator = await start({ rate: 100 });
    const first = await connected(simulator);
    await first.until(1);
    simulator.closeAll(4001, 'moved');
    expect(await first.closed).toEqual([4001, 'moved']);
    const second = await connected(simulator);
    await second.until(1);
    simulator.closeAll();
    expect(await second.closed).toEqual([1001, '']);
    expect(() => simulator.closeAll(1006)).toThrow(RangeError);
  });
});

describe('messages from clients', () => {
  it('are counted, the last 1000 kept', async () => {
    let told = 0;
    let all = (): void => undefined;
    const done = new Promise<void>((resolve) => (all = resolve));
    const simulator = await start({
      rate: 1,
      onReceived: ({ data }: ReceivedMessage) => {
        told += 1;
        if (data.toString() === 'last') all();
      },
    });
    const { webSocket } = await connected(simulator);
    await once(webSocket, 'open');
    for (let index = 0; index < 2499; index += 1) webSocket.send(Buffer.from([index % 256]));
    webSocket.send('last');
    await done;
    expect(told).toBe(2500);
    expect(simulator.totals.received).toBe(2500);
    expect(simulator.received).toHaveLength(1000);
    expect(simulator.received.at(-1)).toEqual({ connection: 0, isBinary: false, data: Buffer.from('last') });
    expect(simulator.received[0]).toEqual({ connection: 0, isBinary: true, data: Buffer.from([1500 % 256]) });
  });

  it.each([true, false])('pings are answered or not: answerPings %s', async (answerPings) => {
    let arrived = (): void => undefined;
    const afterPing = new Promise<void>((resolve) => (arrived = resolve));
    const simulator = await start({ rate: 1, answerPings, onReceived: () => arrived() });
    const client = await connected(simulator);
    let pongs = 0;
    client.webSocket.on('pong', () => (pongs += 1));
    await once(client.webSocket, 'open');
    client.webSocket.ping();
    client.webSocket.send('after the ping');
    await afterPing;
    simulator.closeAll(1000);
    await client.closed;
    expect(pongs).toBe(answerPings ? 1 : 0);
  });

  it('may be malformed, or end in a vanished client, and the simulator goes on', async () => {
    const simulator = await start({ rate: 1000 });
    const token = await validToken(simulator);
    const vanished = open(simulator, token);
    await vanished.until(1);
    vanished.webSocket.terminate();
    const { port } = new URL(simulator.loginUrl);
    const raw = connect(Number(port), '127.0.0.1');
    raw.write(
      `GET /api/v2/streaming/interactions HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    await once(raw, 'data');
    raw.on('error', () => undefined).resume();
    raw.write(Buffer.alloc(64, 0xff));
    await once(raw, 'close');
    const next = open(simulator, token);
    await next.until(1);
    expect(simulator.totals.connections).toBe(3);
  });
});

describe('close', () => {
  it('ends connections with 1001, refuses new ones, and may be called twice', async () => {
    const simulator = await start({ rate: Infinity });
    const client = await connected(simulator);
    await client.until(1);
    await Promise.all([simulator.close(), simulator.close()]);
    expect((await client.closed)[0]).toBe(1001);
    expect(simulator.openSockets).toBe(0);
    await expect(fetch(simulator.loginUrl)).rejects.toThrow();
    const late = new WebSocket(simulator.streamUrl);
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('does not wait for clients that do not read, upgrades that hang, or token requests that hang', async () => {
    const simulator = await start({ rate: Infinity, upgrades: ['ok', 'hang'], tokenResponses: ['ok', 'hang'] });
    const token = await validToken(simulator);
    const deaf = open(simulator, token);
    await once(deaf.webSocket, 'open');
    deaf.webSocket.pause();
    const hanging = open(simulator, token);
    const unanswered = validToken(simulator).catch(() => 'cut off');
    const raw = connect(Number(new URL(simulator.loginUrl).port), '127.0.0.1');
    // Cut off by the simulator: whether by FIN or RST is the kernel's choice.
    raw.on('error', () => undefined);
    await once(raw, 'connect');
    const started = performance.now();
    await simulator.close();
    expect(performance.now() - started).toBeLessThan(3000);
    expect(await unanswered).toBe('cut off');
    expect((await hanging.closed)[0]).toBe(1006);
    deaf.webSocket.resume();
    await deaf.closed;
    expect(simulator.openSockets).toBe(0);
  });

  it('leaves no timer behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const simulator = await start({ rate: 10, script: [{ at: 1, connection: 0, stall: 600_000 }] });
    const clients = [await connected(simulator), await connected(simulator), await connected(simulator)];
    await Promise.all(clients.map((client) => client.until(1)));
    expect(timers()).toBeGreaterThan(before + 5);
    await simulator.close();
    await Promise.all(clients.map((client) => client.closed));
    expect(timers()).toBeLessThanOrEqual(before + 2);
  });
});
