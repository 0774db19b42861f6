import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import type { WebSocket } from 'ws';
import { it } from './browser-test.ts';

const MESSAGES = 1_000;
const MESSAGE_BYTES = 64 * 1024;

/** Sends {@link MESSAGES} messages, each starting with its number. */
function sendAll(socket: WebSocket, messageBytes = MESSAGE_BYTES): void {
  for (let index = 0; index < MESSAGES; index += 1) {
    const message = new Uint8Array(messageBytes);
    new DataView(message.buffer).setUint32(0, index);
    socket.send(message);
  }
}

describe('a flow in a browser with WebSocketStream', () => {
  it('pauses the socket, so that the server’s own buffer fills, and loses nothing when it goes on', async ({
    page,
    feed,
  }) => {
    const recorded = page.evaluate((url) => {
      const flow = new rxframe.Flow();
      Object.assign(globalThis, { goOn: () => flow.release(globalThis) });
      flow.hold(globalThis);
      return record(rxframe.connect({ url, flow }), ({ rawData, sequence }) => [
        new DataView(rawData.buffer, rawData.byteOffset).getUint32(0),
        sequence,
      ]);
    }, feed.url);
    const paused = await feed.next();
    sendAll(paused.socket);

    // By the time that another connection of the same page has brought as much, the paused one would have, too.
    const other = page.evaluate((url) => record(rxframe.connect({ url }), () => null), feed.url);
    const flowing = await feed.next();
    sendAll(flowing.socket);
    flowing.socket.close(1000);
    expect((await other).values).toHaveLength(MESSAGES);
    expect(flowing.socket.bufferedAmount).toBe(0);
    expect(paused.socket.bufferedAmount).toBeGreaterThan((MESSAGES * MESSAGE_BYTES) / 2);

    await page.evaluate(() => (globalThis as unknown as { goOn(): void }).goOn());
    paused.socket.close(1000);
    const { values, end } = await recorded;
    expect(end).toEqual({ kind: 'complete' });
    expect(values).toEqual(Array.from({ length: MESSAGES }, (_, index) => [index, index]));
  });

  it('lets a slow consumer slow the server down: few frames in the page, all in the end', async ({ page, feed }) => {
    const processed = page.evaluate(
      async ([url, count]) => {
        const flow = new rxframe.Flow();
        const held = rxjs.firstValueFrom(rxjs.interval(1).pipe(rxjs.filter(() => flow.held)));
        let received = 0;
        let done = 0;
        let mostInside = 0;
        const numbers = await rxjs.firstValueFrom(
          rxframe.connect({ url, flow }).pipe(
            rxjs.tap(() => {
              received += 1;
              mostInside = Math.max(mostInside, received - done);
            }),
            operators.processWith(
              async ({ rawData }) => {
                await held;
                await new Promise((resolve) => setTimeout(resolve));
                return new DataView(rawData.buffer, rawData.byteOffset).getUint32(0);
              },
              { flow, concurrency: 4, highWaterMark: 16 },
            ),
            rxjs.tap(() => (done += 1)),
            rxjs.take(count),
            rxjs.toArray(),
          ),
        );
        return { numbers, mostInside };
      },
      [feed.url, MESSAGES] as const,
    );
    const { socket, closed } = await feed.next();
    sendAll(socket, 64);
    const { numbers, mostInside } = await processed;
    expect(numbers).toEqual(Array.from({ length: MESSAGES }, (_, index) => index));
    // One more than the high-water mark may have been asked for before the flow was held.
    expect([16, 17]).toContain(mostInside);
    expect(await closed).toBe(1000);
  });

  it('gives all that came before the close, however fast', async ({ page, feed }) => {
    const recorded = page.evaluate(
      (url) => record(rxframe.connect({ url, flow: new rxframe.Flow() }), ({ sequence }) => sequence),
      feed.url,
    );
    const { socket } = await feed.next();
    for (let index = 0; index < 5_000; index += 1) socket.send(`message ${index}`);
    socket.close(1000);
    const { values, end } = await recorded;
    expect(end).toEqual({ kind: 'complete' });
    expect(values).toEqual(Array.from({ length: 5_000 }, (_, index) => index));
  });

  it('does not pass for complete where the server closes while it is paused', async ({ page, feed }) => {
    const recorded = page.evaluate((url) => {
      const flow = new rxframe.Flow();
      return record(
        rxframe.connect({ url, flow }).pipe(rxjs.tap(() => flow.hold(globalThis))),
        ({ sequence }) => sequence,
      );
    }, feed.url);
    const { socket } = await feed.next();
    for (let index = 0; index < 10; index += 1) socket.send(`message ${index}`);
    socket.close(1000);
    const { values, end } = await recorded;
    expect(values).toEqual([0]);
    expect(end).toMatchObject({ code: 'ERR_NETWORK', failureClass: 'transient' });
  });

  it.for([
    [1012, 1012],
    ['terminate', 1006],
  ] as const)('ends as any connection does: %s gives %i', async ([how, closeCode], { page, feed }) => {
    const recorded = page.evaluate(
      (url) => record(rxframe.connect({ url, flow: new rxframe.Flow() }), () => null),
      feed.url,
    );
    const { socket } = await feed.next();
    if (how === 'terminate') socket.terminate();
    else socket.close(how);
    expect((await recorded).end).toMatchObject({ code: 'ERR_CLOSED', closeCode });
  });

  it('ends with a NetworkError where the connection could not be opened', async ({ page, feed }) => {
    const { end } = await page.evaluate(
      (url) => record(rxframe.connect({ url, flow: new rxframe.Flow() }), () => null),
      feed.url.replace('/feed', '/refused'),
    );
    expect(end).toMatchObject({ code: 'ERR_NETWORK', failureClass: 'transient' });
    expect(feed.connections).toBe(0);
  });

  it('sends what outgoing$ gives', async ({ page, feed }) => {
    const recorded = page.evaluate(
      (url) =>
        record(
          rxframe.connect({ url, flow: new rxframe.Flow(), outgoing$: ['text', Uint8Array.of(1, 2)] }),
          () => null,
        ),
      feed.url,
    );
    const { socket } = await feed.next();
    const received: [string, boolean][] = [];
    await new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer, isBinary) => {
        received.push([data.toString('latin1'), isBinary]);
        if (received.length === 2) resolve();
      });
    });
    socket.close(1000);
    expect(received).toEqual([
      ['text', false],
      ['\u0001\u0002', true],
    ]);
    expect((await recorded).end).toEqual({ kind: 'complete' });
  });

  it('closes the connection where its heartbeat is not answered', async ({ page, feed }) => {
    const recorded = page.evaluate(
      (url) =>
        record(
          rxframe.connect({
            url,
            flow: new rxframe.Flow(),
            heartbeat: { interval: 20, timeout: 50, message: () => 'ping' },
          }),
          () => null,
        ),
      feed.url,
    );
    const { closed } = await feed.next();
    expect((await recorded).end).toMatchObject({ code: 'ERR_TIMEOUT' });
    expect(await closed).toBe(1005);
  });

  it('lets go of a server that never completes the closing handshake', async ({ page, feed }) => {
    const recorded = unsubscribing(page, feed.url);
    const { socket } = await feed.next();
    socket.pause();
    expect(await recorded).toEqual(['connecting', 'open', 'closing', 'closed']);
  });

  it('can be unsubscribed while it is paused: the server sees 1000', async ({ page, feed }) => {
    const recorded = page.evaluate(async (url) => {
      const flow = new rxframe.Flow();
      flow.hold(globalThis);
      await new Promise<void>((resolve) => {
        const subscription = rxframe
          .connect({
            url,
            flow,
            state: {
              next: ({ status }) => {
                if (status === 'open') setTimeout(leave);
              },
            },
          })
          .subscribe();
        function leave() {
          subscription.unsubscribe();
          resolve();
        }
      });
      return flow.attached;
    }, feed.url);
    const { socket, closed } = await feed.next();
    for (let index = 0; index < 100; index += 1) socket.send(new Uint8Array(1024));
    expect(await recorded).toBe(false);
    expect(await closed).toBe(1000);
  });
});

describe('a flow in a browser without WebSocketStream', () => {
  it('pauses nothing, and processWith says what it rejects', async ({ page, feed }) => {
    const recorded = page.evaluate((url) => {
      Reflect.deleteProperty(globalThis, 'WebSocketStream');
      const flow = new rxframe.Flow();
      const allHere$ = new rxjs.ReplaySubject<void>(1);
      const processed$ = rxframe.connect({ url, flow }).pipe(
        rxjs.tap(({ sequence }) => {
          if (sequence === 4) allHere$.next();
        }),
        operators.processWith(({ sequence }) => rxjs.firstValueFrom(allHere$).then(() => sequence), {
          flow,
          highWaterMark: 2,
          overflow: 'reject',
        }),
      );
      return record(processed$, (result) => (typeof result === 'number' ? result : result.reason));
    }, feed.url);
    const { socket } = await feed.next();
    for (let index = 0; index < 5; index += 1) socket.send(`message ${index}`);
    socket.close(1000);
    const { values, end } = await recorded;
    expect(end).toEqual({ kind: 'complete' });
    expect(values.filter((value) => typeof value === 'number')).toEqual([0, 1]);
    expect(values.filter((value) => value === 'overflow')).toHaveLength(3);
  });
});

/** Opens a connection with a flow, leaves it at once with 100 ms for the closing handshake, and tells its states. */
function unsubscribing(page: Page, url: string) {
  return page.evaluate(
    (url) =>
      new Promise<string[]>((resolve) => {
        const statuses: string[] = [];
        const subscription = rxframe
          .connect({
            url,
            flow: new rxframe.Flow(),
            closeTimeout: 100,
            state: {
              next({ status }) {
                statuses.push(status);
                if (status === 'open') setTimeout(() => subscription.unsubscribe());
                if (status === 'closed') resolve(statuses);
              },
            },
          })
          .subscribe();
      }),
    url,
  );
}
