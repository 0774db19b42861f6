import { EMPTY, Observable, of, retry, Subject, throwError, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/connection/connect.ts';
import { record, States } from './record.ts';
import { tcpServer, webSocketServer } from './servers.ts';

describe('outgoing$', () => {
  it('is subscribed when the socket opens, sends text and bytes, and is let go when we unsubscribe', async () => {
    const { url, received, closeCodes } = await webSocketServer();
    const outgoing$ = new Subject<string | Uint8Array<ArrayBuffer> | ArrayBuffer>();
    const state = new States();
    const { subscription } = record(connect({ url, outgoing$, state }));
    expect(outgoing$.observed).toBe(false);
    await state.reach('open');
    expect(outgoing$.observed).toBe(true);
    outgoing$.next('grüße');
    outgoing$.next(Uint8Array.of(1, 2, 3).subarray(1));
    outgoing$.next(Uint8Array.of(9).buffer);
    outgoing$.next('');
    await received.until(4);
    expect(received.items.map(({ data, isBinary }) => [data.toString('latin1'), isBinary])).toEqual([
      [Buffer.from('grüße').toString('latin1'), false],
      ['\x02\x03', true],
      ['\x09', true],
      ['', false],
    ]);
    subscription.unsubscribe();
    expect(outgoing$.observed).toBe(false);
    await closeCodes.until(1);
  });

  it('is let go when the server ends the connection, however', async () => {
    for (const end of ['close', 'terminate'] as const) {
      const { url } = await webSocketServer((webSocket) => webSocket[end]());
      const outgoing$ = new Subject<string>();
      await record(connect({ url, outgoing$ })).ended;
      expect(outgoing$.observed).toBe(false);
    }
  });

  it('is never subscribed where the upgrade is refused', async () => {
    const { url } = await tcpServer((socket) => socket.end('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n'));
    let subscribed = false;
    const outgoing$ = new Observable<string>(() => {
      subscribed = true;
    });
    expect(await record(connect({ url, outgoing$ })).ended).toMatchObject({ status: 500 });
    expect(subscribed).toBe(false);
  });

  it('may complete, and the connection goes on', async () => {
    const { url, received } = await webSocketServer((webSocket) =>
      webSocket.on('message', (data: Buffer) => webSocket.send(`echo ${data.toString()}`)),
    );
    const { values } = record(connect({ url, outgoing$: of('one', 'two') }));
    await values.until(2);
    expect(values.items.map(({ rawData }) => Buffer.from(rawData).toString())).toEqual(['echo one', 'echo two']);
    expect(received.items).toHaveLength(2);
  });

  it('may be a promise, or nothing', async () => {
    const { url, received } = await webSocketServer();
    record(connect({ url, outgoing$: EMPTY }));
    record(connect({ url, outgoing$: Promise.resolve('promised') }));
    expect((await received.until(1)).data.toString()).toBe('promised');
  });

  it('makes its error the error of the connection, which is closed with 1000', async () => {
    const { url, closeCodes } = await webSocketServer();
    const failure = new Error('nothing more to say');
    const state = new States();
    const { ended } = record(connect({ url, state, outgoing$: throwError(() => failure) }));
    expect(await ended).toBe(failure);
    expect(await closeCodes.until(1)).toBe(1000);
    await state.reach('closed');
    expect(state.statuses).toEqual(['connecting', 'open', 'closing', 'closed']);
  });

  it('makes a message that cannot be sent the error of the connection', async () => {
    const { url, closeCodes } = await webSocketServer();
    const { ended } = record(connect({ url, outgoing$: of({ not: 'a message' } as unknown as string) }));
    expect(await ended).toBeInstanceOf(TypeError);
    expect(await closeCodes.until(1)).toBe(1000);
  });

  it('is subscribed anew on each connection', async () => {
    const { url, received, connections } = await webSocketServer((webSocket, nth) =>
      webSocket.on('message', () => webSocket.close(nth === 0 ? 1012 : 1000)),
    );
    const frames$ = connect({ url, outgoing$: of('hello') }).pipe(retry({ count: 1, delay: () => timer(0) }));
    expect(await record(frames$).ended).toBe('complete');
    expect(connections.items).toHaveLength(2);
    expect(received.items.map(({ data }) => data.toString())).toEqual(['hello', 'hello']);
  });
});
