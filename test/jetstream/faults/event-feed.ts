import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Random } from '../../../src/simulator/random.ts';
import { Events } from './events.ts';

/** **A WebSocket server that tells each event to whoever is connected**, and keeps nothing for those who are not. */
export class EventFeed {
  readonly url: string;
  readonly events: Events;
  readonly #server: WebSocketServer;
  #marks = 0;

  private constructor(server: WebSocketServer, random: Random, conversations: number) {
    this.#server = server;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.events = new Events(random, conversations, (event) => {
      for (const client of server.clients) client.send(event);
    });
  }

  static async start(random: Random, conversations = 200): Promise<EventFeed> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    await once(server, 'listening');
    return new EventFeed(server, random, conversations);
  }

  /** What was sent, and the clients' systems have not taken, in bytes. */
  get unsent(): number {
    return Math.max(0, ...[...this.#server.clients].map(({ bufferedAmount }) => bufferedAmount));
  }

  /** Sends something that is no event, behind all events until now. */
  mark(): string {
    this.#marks += 1;
    const mark = `mark ${this.#marks}`;
    for (const client of this.#server.clients) client.send(mark);
    return mark;
  }

  close(): void {
    this.events.stop();
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }
}
