import { NEVER, Observable, share, take, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { TimeoutError, type ClosedError } from '../../operators/errors.ts';
import { connect } from '../../src/connection/connect.ts';
import { HandClock } from './hand-clock.ts';
import { record, States } from './record.ts';
import { endAll, settle, switching, tcpServer, webSocketServer } from './servers.ts';

/** A server that opens the WebSocket and then neither answers nor closes. */
const deafServer = () => tcpServer((socket, request) => socket.write(switching(request)));

/** A server that takes the connection and never answers. */
const silentServer = () => tcpServer(() => undefined);

describe('a subscription', () => {
  it('is what opens the socket: connect alone opens none', async () => {
    const { url, accepted } = await webSocketServer();
    const frames$ = connect({ url });
    const other = record(connect({ url }));
    await accepted.until(1);
    expect(accepted.items).toHaveLength(1);
    other.subscription.unsubscribe();
    record(frames$);
    await accepted.until(2);
  });

  it('has a connection of its own', async () => {
    const { url, connections } = await webSocketServer((webSocket) => webSocket.send('hello'));
    const frames$ = connect({ url });
    const one = record(frames$);
    const two = record(frames$);
    const ids = [(await one.values.until(1)).connectionId, (await two.values.until(1)).connectionId];
    expect(connections.items).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
  });

  it('shares one connection where it is shared, which closes with the last subscriber', async () => {
    const { url, connections, closeCodes } = await webSocketServer((webSocket) => webSocket.send('hello'));
    const frames$ = connect({ url }).pipe(share());
    const one = record(frames$);
    const two = record(frames$);
    expect(await one.values.until(1)).toBe(await two.values.until(1));
    one.subscription.unsubscribe();
    connections.items[0]?.send('again');
    await two.values.until(2);
    two.subscription.unsubscribe();
    expect(await closeCodes.until(1)).toBe(1000);
    expect(connections.items).toHaveLength(1);
  });
});

describe('the states', () => {
  it('are connecting, open, closed where the server closes with 1000, which completes', async () => {
    const { url } = await webSocketServer((webSocket) => webSocket.close(1000));
    const state = new States();
    expect(await record(connect({ url, state })).ended).toBe('complete');
    const { connectionId } = state.items[0] as { connectionId: string };
    expect(state.items).toEqual([
      { status: 'connecting', connectionId },
      { status: 'open', connectionId },
      { status: 'closed', connectionId },
    ]);
  });

  it('name the cause in closed, the very error of the stream', async () => {
    const { url } = await webSocketServer((webSocket) => webSocket.close(1011, 'out of order'));
    const state = new States();
    const error = await record(connect({ url, state })).ended;
    expect(state.statuses).toEqual(['connecting', 'open', 'closed']);
    expect(state.items[2]).toHaveProperty('cause', error);
    expect(error).toMatchObject({ code: 'ERR_CLOSED', closeCode: 1011, reason: 'out of order' });
  });

  it('are connecting, open, closing, closed where we unsubscribe, with no cause', async () => {
    const { url, closeCodes } = await webSocketServer();
    const state = new States();
    const { subscription } = record(connect({ url, state }));
    await state.reach('open');
    subscription.unsubscribe();
    expect(state.statuses).toEqual(['connecting', 'open', 'closing']);
    expect(await state.reach('closed')).not.toHaveProperty('cause');
    expect(state.statuses).toEqual(['connecting', 'open', 'closing', 'closed']);
    expect(await closeCodes.until(1)).toBe(1000);
  });

  it('are reported to an Observer that is never completed, and may serve the next subscription', async () => {
    const { url } = await webSocketServer((webSocket) => webSocket.close(1000));
    let completed = 0;
    const state = Object.assign(new States(), { complete: () => (completed += 1) });
    await record(connect({ url, state })).ended;
    await record(connect({ url, state })).ended;
    expect(completed).toBe(0);
    expect(state.statuses).toEqual(['connecting', 'open', 'closed', 'connecting', 'open', 'closed']);
  });

  it('say for how long the connection had been open, in the error', async () => {
    const { url, connections } = await webSocketServer();
    const { ended } = record(connect({ url }));
    const webSocket = await connections.until(1);
    const openedAt = performance.now();
    await new Promise((resolve) => webSocket.ping('', false, resolve));
    webSocket.close(1001);
    const error = (await ended) as ClosedError;
    expect(error.openFor).toBeGreaterThan(0);
    expect(error.openFor).toBeLessThanOrEqual(performance.now() - openedAt + 5);
  });
});

describe('unsubscribing', () => {
  it('while connecting lets the TCP connection go, and reports closing and closed', async () => {
    const server = await silentServer();
    const state = new States();
    const { subscription } = record(connect({ url: server.url, state }));
    await server.accepted.until(1);
    subscription.unsubscribe();
    expect(await state.reach('closed')).not.toHaveProperty('cause');
    expect(state.statuses).toEqual(['connecting', 'closing', 'closed']);
    await settle(() => server.open.size === 0);
    expect(server.open.size).toBe(0);
  });

  it('while the token is being fetched opens no socket, and lets the fetch go', async () => {
    const { url, accepted } = await webSocketServer();
    const state = new States();
    let letGo = 0;
    const fetching = new Observable<string>(() => () => (letGo += 1));
    const first = record(connect({ url, state, token: () => fetching }));
    first.subscription.unsubscribe();
    expect(letGo).toBe(1);

    let answer: (token: string) => void = () => undefined;
    const promised = new Promise<string>((resolve) => (answer = resolve));
    const second = record(connect({ url, state, token: () => promised }));
    second.subscription.unsubscribe();
    answer('late');
    const proof = record(connect({ url }));
    await accepted.until(1);
    proof.subscription.unsubscribe();
    expect(accepted.items).toHaveLength(1);
    expect(state.items).toEqual([]);
  });

  it('inside the first next takes no further frame, though more came in the same packet', async () => {
    const { url, closeCodes } = await webSocketServer((webSocket) => {
      for (let i = 0; i < 10; i += 1) webSocket.send(String(i));
    });
    const state = new States();
    const { values, ended } = record(connect({ url, state }).pipe(take(1)));
    expect(await ended).toBe('complete');
    expect(await closeCodes.until(1)).toBe(1000);
    await state.reach('closed');
    expect(values.items).toHaveLength(1);
    expect(state.statuses).toEqual(['connecting', 'open', 'closing', 'closed']);
  });

  it('when told of connecting opens no socket; when told of open subscribes to nothing', async () => {
    const { url, accepted, closeCodes } = await webSocketServer();
    let subscribed = 0;
    const outgoing$ = new Observable<string>(() => {
      subscribed += 1;
    });
    for (const status of ['connecting', 'open'] as const) {
      const states = new States();
      let subscription: Subscription | undefined = undefined;
      const state = {
        next: (value: (typeof states.items)[number]) => {
          states.next(value);
          if (value.status === status) subscription?.unsubscribe();
        },
      };
      // The URL is promised so that the subscription exists before the first state.
      subscription = connect({ url: () => Promise.resolve(url), state, outgoing$ }).subscribe();
      await states.reach('closed');
      expect(states.statuses).toEqual(
        status === 'open' ? ['connecting', 'open', 'closing', 'closed'] : ['connecting', 'closed'],
      );
    }
    expect(await closeCodes.until(1)).toBe(1000);
    expect(accepted.items).toHaveLength(1);
    expect(subscribed).toBe(0);
  });

  it('waits closeTimeout for a server that does not answer, then lets the socket go', async () => {
    const server = await deafServer();
    const clock = new HandClock();
    const state = new States();
    const { subscription } = record(connect({ url: server.url, state, scheduler: clock, heartbeat: false }));
    await state.reach('open');
    subscription.unsubscribe();
    clock.advance(1_999);
    expect(state.statuses.at(-1)).toBe('closing');
    clock.advance(1);
    expect(state.statuses).toEqual(['connecting', 'open', 'closing', 'closed']);
    await settle(() => server.open.size === 0);
    expect(server.open.size).toBe(0);
  });

  it('gives closeTimeout as it was asked for', async () => {
    const server = await deafServer();
    const clock = new HandClock();
    const state = new States();
    const options = { url: server.url, state, scheduler: clock, heartbeat: false, closeTimeout: 50 } as const;
    const { subscription } = record(connect(options));
    await state.reach('open');
    subscription.unsubscribe();
    clock.advance(49);
    expect(state.statuses.at(-1)).toBe('closing');
    clock.advance(1);
    expect(state.statuses.at(-1)).toBe('closed');
  });
});

describe('a server that keeps TCP open after the closing handshake', () => {
  const endings = {
    'that it began itself': { sends: [0x88, 2, 0x03, 0xf4], closeCode: 1012 },
    'that its message over maxPayload led to': { sends: [0x82, 0x7f, 0, 0, 0, 0, 0x40, 0, 0, 0], closeCode: 1009 },
  };
  it.for(Object.entries(endings))('%s is waited for no longer than closeTimeout', async ([, { sends, closeCode }]) => {
    const { url, accepted } = await tcpServer((socket, request) => {
      socket.write(switching(request));
      socket.write(Buffer.from(sends));
    }, true);
    const { ended } = record(connect({ url, closeTimeout: 20 }));
    expect(await ended).toMatchObject({ closeCode });
    accepted.items[0]?.destroy();
  });
});

describe('the opening handshake', () => {
  it('fails after handshakeTimeout where the server does not answer', async () => {
    const server = await silentServer();
    const clock = new HandClock();
    const state = new States();
    const { ended } = record(connect({ url: server.url, state, scheduler: clock }));
    await server.accepted.until(1);
    clock.advance(9_999);
    expect(state.statuses).toEqual(['connecting']);
    clock.advance(1);
    const error = (await ended) as TimeoutError;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', during: 'handshake', timeout: 10_000, openFor: 0 });
    expect(error.message).toBe(`${server.url} did not answer the upgrade within 10000 ms.`);
    expect(state.statuses).toEqual(['connecting', 'closed']);
    await settle(() => server.open.size === 0);
    expect(server.open.size).toBe(0);
  });

  it('that is done in time leaves no timeout behind it', async () => {
    const { url } = await webSocketServer();
    const clock = new HandClock();
    const state = new States();
    record(connect({ url, state, scheduler: clock, heartbeat: false }));
    await state.reach('open');
    clock.advance(60_000);
    expect(state.statuses).toEqual(['connecting', 'open']);
  });
});

describe('nothing is left running', () => {
  /** What keeps the process busy, by kind; what the test runner has is in it too. */
  const busy = () => {
    const counts = new Map<string, number>();
    for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    counts.delete('Immediate');
    return counts;
  };
  const ends: Record<string, () => Promise<unknown>> = {
    'after 1000': async () => {
      const { url } = await webSocketServer((webSocket) => webSocket.close(1000));
      return record(connect({ url })).ended;
    },
    'after a close with an error': async () => {
      const { url } = await webSocketServer((webSocket) => webSocket.close(1011));
      return record(connect({ url, outgoing$: NEVER })).ended;
    },
    'after a loss of TCP': async () => {
      const { url } = await webSocketServer((webSocket) => webSocket.terminate());
      return record(connect({ url })).ended;
    },
    'after a refusal': async () => {
      const { url } = await tcpServer((socket) => socket.write('HTTP/1.1 500 Oops\r\nContent-Length: 5\r\n\r\n'));
      return record(connect({ url })).ended;
    },
    'after a handshake timeout': async () => {
      const { url } = await silentServer();
      return record(connect({ url, handshakeTimeout: 5 })).ended;
    },
    'after a heartbeat timeout': async () => {
      const { url } = await deafServer();
      return record(connect({ url, heartbeat: { interval: 5, timeout: 5 } })).ended;
    },
    'after a message over maxPayload, to a server that does not answer the close': async () => {
      const { url } = await tcpServer((socket, request) => {
        socket.write(switching(request));
        socket.write(Buffer.from([0x82, 0x7f, 0, 0, 0, 0, 0x40, 0, 0, 0]));
      });
      return record(connect({ url, closeTimeout: 20 })).ended;
    },
    'after unsubscribing between compressed messages': async () => {
      const { url, closeCodes } = await webSocketServer(
        (webSocket) => {
          for (let i = 0; i < 10; i += 1) webSocket.send('x'.repeat(10_000));
        },
        { perMessageDeflate: { threshold: 0 } },
      );
      record(connect({ url }).pipe(take(1)));
      return closeCodes.until(1);
    },
    'after unsubscribing while open': async () => {
      const { url } = await webSocketServer();
      const state = new States();
      const { subscription } = record(connect({ url, state }));
      await state.reach('open');
      subscription.unsubscribe();
      return state.reach('closed');
    },
    'after unsubscribing while connecting': async () => {
      const server = await silentServer();
      const { subscription } = record(connect({ url: server.url }));
      await server.accepted.until(1);
      subscription.unsubscribe();
    },
    'after unsubscribing at once': async () => {
      const { url } = await webSocketServer();
      record(connect({ url })).subscription.unsubscribe();
    },
    'after unsubscribing from a server that does not answer': async () => {
      const { url } = await deafServer();
      const state = new States();
      const { subscription } = record(connect({ url, state, closeTimeout: 20 }));
      await state.reach('open');
      subscription.unsubscribe();
      return state.reach('closed');
    },
  };

  it.for(Object.entries(ends))('%s', async ([, end]) => {
    const before = busy();
    await Promise.all([end(), end(), end()]);
    await endAll();
    const more = () => [...busy()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
    await settle(() => more().length === 0);
    expect(more()).toEqual([]);
  });
});
