import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import { it } from './browser-test.ts';

describe('connect in a browser', () => {
  it('gives text and binary messages as frames: their bytes, their opcode, a sequence without a hole', async ({
    page,
    feed,
  }) => {
    const recorded = page.evaluate(
      (url) =>
        record(rxframe.connect({ url }), (frame) => ({
          bytes: Array.from(frame.rawData),
          isBinary: frame.isBinary,
          sequence: frame.sequence,
          frameId: frame.frameId === `${frame.connectionId}-${frame.sequence}`,
          isRecent: Math.abs(Date.now() - frame.timestamp) < 60_000 && performance.now() - frame.receivedAt < 60_000,
        })),
      feed.url,
    );
    const { socket } = await feed.next();
    socket.send('grüße');
    socket.send(Uint8Array.of(0x80, 0, 255));
    socket.send('');
    socket.send(Buffer.from('\ufeff{}'), { binary: false });
    socket.close(1000);

    const { values, end } = await recorded;
    expect(end).toEqual({ kind: 'complete' });
    expect(values.map(({ bytes, isBinary }) => ({ bytes, isBinary }))).toEqual([
      { bytes: [...Buffer.from('grüße')], isBinary: false },
      { bytes: [0x80, 0, 255], isBinary: true },
      { bytes: [], isBinary: false },
      { bytes: [0xef, 0xbb, 0xbf, 0x7b, 0x7d], isBinary: false },
    ]);
    expect(values.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect(values.every(({ frameId, isRecent }) => frameId && isRecent)).toBe(true);
  });

  it('fails at the call where a token or headers are given, and names the ways that work', async ({ page, feed }) => {
    const messages = await page.evaluate((url) => {
      const refused = (options: object) => {
        try {
          rxframe.connect({ url, ...options });
          return 'nothing was thrown';
        } catch (error) {
          return `${String(error instanceof TypeError)} ${(error as Error).message}`;
        }
      };
      return [refused({ token: 'secret' }), refused({ token: () => 'secret' }), refused({ headers: { a: 'b' } })];
    }, feed.url);
    expect(messages).toEqual([
      expect.stringMatching(/^true connect: token can't be sent from a browser.* url or protocols/),
      expect.stringMatching(/^true connect: token can't be sent from a browser.* url or protocols/),
      expect.stringMatching(/^true connect: headers can't be sent from a browser.* url or protocols/),
    ]);
    expect(messages.join()).not.toContain('secret');
    expect(feed.connections).toBe(0);
  });

  it('asks the functions for url and subprotocols at each attempt', async ({ page, feed }) => {
    const recorded = page.evaluate((url) => {
      let attempt = 0;
      const frames$ = rxframe.connect({
        url: () => {
          attempt += 1;
          return Promise.resolve(`${url}?attempt=${attempt}`);
        },
        protocols: () => ['v1', `token-${attempt}`],
      });
      return record(frames$.pipe(rxframe.reconnect({ initialDelay: 0 })), () => null);
    }, feed.url);
    for (const attempt of [1, 2]) {
      const { socket, request } = await feed.next();
      expect(request.url).toBe(`/feed?attempt=${attempt}`);
      expect(request.headers['sec-websocket-protocol']).toBe(`v1, token-${attempt}`);
      expect(socket.protocol).toBe('v1');
      socket.close(attempt === 1 ? 1012 : 1000);
    }
    expect((await recorded).end).toEqual({ kind: 'complete' });
  });

  it('reports a subprotocol that is none as the error of the stream', async ({ page, feed }) => {
    const { end } = await page.evaluate(
      (url) => record(rxframe.connect({ url, protocols: () => 'not a token' }), () => null),
      feed.url,
    );
    expect(end).toMatchObject({ kind: 'error', failureClass: 'fatal' });
  });

  it.for([
    [1001, 'transient'],
    [1008, 'protocol'],
    [1011, 'transient'],
    [4000, 'transient'],
  ] as const)(
    'ends with a ClosedError where the server closes with %i',
    async ([code, failureClass], { page, feed }) => {
      const recorded = page.evaluate((url) => record(rxframe.connect({ url }), () => null), feed.url);
      const { socket } = await feed.next();
      socket.close(code, 'because');
      expect((await recorded).end).toEqual({
        kind: 'error',
        code: 'ERR_CLOSED',
        closeCode: code,
        message: `The connection was closed with code ${code} (because).`,
        failureClass,
      });
    },
  );

  it('ends with 1006 where the connection is lost', async ({ page, feed }) => {
    const recorded = page.evaluate((url) => record(rxframe.connect({ url }), () => null), feed.url);
    const { socket } = await feed.next();
    socket.terminate();
    expect((await recorded).end).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1006, failureClass: 'transient' });
  });

  it('ends with a NetworkError where the connection could not be opened', async ({ page }) => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/feed?secret`;
    const { end } = await page.evaluate((url) => record(rxframe.connect({ url }), () => null), url);
    server.close();
    expect(end).toMatchObject({ code: 'ERR_NETWORK', failureClass: 'transient' });
    expect(JSON.stringify(end)).not.toContain('secret');
  });

  it('gives up on a server that does not answer the upgrade in time', async ({ page }) => {
    const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { end } = await page.evaluate(
      (url) => record(rxframe.connect({ url, handshakeTimeout: 50 }), () => null),
      url,
    );
    server.close();
    expect(end).toMatchObject({ code: 'ERR_TIMEOUT', failureClass: 'transient' });
  });

  it('ends with an error where a text message is not UTF-8: the platform closes, and says only 1006', async ({
    page,
    feed,
  }) => {
    const recorded = page.evaluate((url) => record(rxframe.connect({ url }), (frame) => frame.byteLength), feed.url);
    const { socket, closed } = await feed.next();
    socket.send('before');
    socket.send(Uint8Array.of(0x7b, 0xff), { binary: false });
    const { values, end } = await recorded;
    expect(values).toEqual([6]);
    expect(end).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1006, failureClass: 'transient' });
    // RFC 6455 section 8.1 has the client fail the connection; the code that Chromium sends is 1002.
    expect(await closed).toBe(1002);
  });

  it('closes with 1000 on unsubscription, and gives nothing any more', async ({ page, feed }) => {
    const states = page.evaluate(
      (url) =>
        new Promise<string[]>((resolve) => {
          const statuses: string[] = [];
          rxframe
            .connect({
              url,
              state: {
                next({ status }) {
                  statuses.push(status);
                  if (status === 'closed') resolve(statuses);
                },
              },
            })
            .pipe(rxjs.take(1))
            .subscribe(() => statuses.push('frame'));
        }),
      feed.url,
    );
    const { socket, closed } = await feed.next();
    socket.send('first');
    socket.send('second');
    expect(await closed).toBe(1000);
    expect(await states).toEqual(['connecting', 'open', 'frame', 'closing', 'closed']);
  });

  it('sends what outgoing$ gives, text and bytes', async ({ page, feed }) => {
    const recorded = page.evaluate(
      (url) =>
        record(rxframe.connect({ url, outgoing$: ['text', Uint8Array.of(1, 2), new ArrayBuffer(3)] }), () => null),
      feed.url,
    );
    const { socket } = await feed.next();
    const received: [string, boolean][] = [];
    await new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer, isBinary) => {
        received.push([data.toString('latin1'), isBinary]);
        if (received.length === 3) resolve();
      });
    });
    socket.close(1000);
    expect(received).toEqual([
      ['text', false],
      ['\u0001\u0002', true],
      ['\0\0\0', true],
    ]);
    expect((await recorded).end).toEqual({ kind: 'complete' });
  });

  it('needs a message for its heartbeat, and fails the connection where nothing answers it', async ({ page, feed }) => {
    const refusal = await page.evaluate((url) => {
      try {
        rxframe.connect({ url, heartbeat: { interval: 20 } });
        return 'nothing was thrown';
      } catch (error) {
        return (error as Error).message;
      }
    }, feed.url);
    expect(refusal).toContain('heartbeat needs a message');

    const recorded = page.evaluate(
      (url) =>
        record(
          rxframe.connect({ url, heartbeat: { interval: 20, timeout: 1_000, message: () => 'ping' } }),
          () => null,
        ),
      feed.url,
    );
    const { socket, closed } = await feed.next();
    let pings = 0;
    socket.on('message', (data: Buffer) => {
      expect(data.toString()).toBe('ping');
      pings += 1;
      if (pings === 1) socket.send('pong');
    });
    const { values, end } = await recorded;
    expect(values).toHaveLength(1);
    expect(pings).toBe(2);
    expect(end).toMatchObject({ code: 'ERR_TIMEOUT', failureClass: 'transient' });
    expect(await closed).toBe(1005);
  });
});
