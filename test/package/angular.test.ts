/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- Angular's injectors are made by functions */
import { createEnvironmentInjector, runInInjectionContext, type EnvironmentInjector } from '@angular/core';
import { takeUntilDestroyed, toSignal } from '@angular/core/rxjs-interop';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'rxframe';
import { map, Subject, tap } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';

describe("a stream in Angular's idioms", () => {
  let server: WebSocketServer;
  let injector: EnvironmentInjector;
  beforeEach(async () => {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    // What a component or a service is created in; its destruction is theirs.
    injector = createEnvironmentInjector([], null as never);
  });
  afterEach(() => server.close());

  const texts = () => {
    const seen$ = new Subject<void>();
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const texts$ = connect({ url }).pipe(
      map(({ rawData }) => new TextDecoder().decode(rawData)),
      tap({ next: () => queueMicrotask(() => seen$.next()) }),
    );
    return { texts$, seen: () => new Promise<void>((resolve) => seen$.subscribe(() => resolve())) };
  };
  const connection = async () => (await once(server, 'connection')) as [WebSocket];

  it('is a signal by toSignal, and the socket is closed with its component', async () => {
    const { texts$, seen } = texts();
    const text = runInInjectionContext(injector, () => toSignal(texts$, { initialValue: 'nothing yet' }));
    expect(text()).toBe('nothing yet');
    const [socket] = await connection();
    for (const message of ['one', 'two']) {
      const next = seen();
      socket.send(message);
      await next;
      expect(text()).toBe(message);
    }
    const closed = once(socket, 'close');
    injector.destroy();
    expect((await closed)[0]).toBe(1000);
  });

  it('ends by takeUntilDestroyed with its component, the socket too', async () => {
    const { texts$, seen } = texts();
    const log: string[] = [];
    const subscription = runInInjectionContext(injector, () => texts$.pipe(takeUntilDestroyed())).subscribe({
      complete: () => log.push('complete'),
    });
    const [socket] = await connection();
    const open = seen();
    socket.send('one');
    await open;
    const closed = once(socket, 'close');
    injector.destroy();
    expect((await closed)[0]).toBe(1000);
    expect([log, subscription.closed]).toEqual([['complete'], true]);
  });
});
