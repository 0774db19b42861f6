import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Plan } from './fault.ts';
import { Passage } from './passage.ts';

/** A running proxy. */
export interface FaultProxy {
  /** The address for the next attempt, which will meet the next plan. */
  nextUrl(): string;
  /** The connections by attempt; none where the attempt was refused or reset. */
  readonly passages: ReadonlyMap<number, Passage>;
  /** How many sockets are open, to either side. */
  readonly openSockets: number;
  close(): Promise<void>;
}

/**
 * **Starts a TCP proxy in front of a WebSocket server on loopback**, which gives each attempt the faults of its plan. An attempt
 * that is to be refused gets an address of this machine on which nobody listens, so that no other can take the port.
 */
export async function startFaultProxy(target: string, plans: readonly Plan[]): Promise<FaultProxy> {
  const upstream = new URL(target);
  const passages = new Map<number, Passage>();
  const sockets = new Set<Socket>();
  /** Attempts that were given an address and have not come yet. */
  const expected: number[] = [];
  let attempts = 0;

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    const attempt = expected.shift()!;
    const plan = plans[attempt] ?? [];
    if (typeof plan === 'string') {
      client.resetAndDestroy();
      return;
    }
    const { hostname: host, port } = upstream;
    passages.set(attempt, new Passage(client, keep(connect({ host, port: Number(port), allowHalfOpen: true })), plan));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    nextUrl() {
      const attempt = attempts++;
      if (plans[attempt] !== 'refused') expected.push(attempt);
      const host = plans[attempt] === 'refused' ? '127.0.0.2' : '127.0.0.1';
      return `ws://${host}:${port}${upstream.pathname}?attempt=${attempt}`;
    },
    passages,
    get openSockets() {
      return sockets.size;
    },
    async close() {
      const closed = once(server.close(), 'close');
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
