import { Fifo } from './fifo.ts';

/** How often an event was sent, as far as it is known: sendings `forgotten` to `known` - 1 are remembered. */
interface Sendings {
  forgotten: number;
  known: number;
  /** The next sending that each connection will bring: it has brought all before, in order. */
  readonly next: Map<object, number>;
}

/**
 * **Tells the copies of an event from the event sent anew**, where several connections deliver the same events.
 *
 * The n-th delivery of an event by one connection is the n-th sending of it, so it is a copy where another connection has
 * brought that sending already. A sending is remembered for `maxLag`.
 */
export class DeliveryLog {
  readonly #maxLag: number;
  readonly #sendings = new Map<string, Sendings>();
  /** The sendings that are remembered, oldest first. */
  readonly #recent = new Fifo<{ readonly event: string; readonly at: number }>();

  /** @param maxLag - how far one connection may lag behind another, in milliseconds */
  constructor(maxLag: number) {
    this.#maxLag = maxLag;
  }

  /** Notes a delivery, and tells whether another connection had brought it before. */
  isDuplicate(event: string, connection: object, now: number): boolean {
    this.#forgetBefore(now - this.#maxLag);
    let sendings = this.#sendings.get(event);
    if (sendings === undefined) {
      sendings = { forgotten: 0, known: 0, next: new Map() };
      this.#sendings.set(event, sendings);
    }
    const sending = Math.max(sendings.next.get(connection) ?? 0, sendings.forgotten);
    sendings.next.set(connection, sending + 1);
    if (sending < sendings.known) return true;
    sendings.known = sending + 1;
    this.#recent.push({ event, at: now });
    return false;
  }

  #forgetBefore(time: number): void {
    for (let oldest = this.#recent.peek(); oldest !== undefined && oldest.at < time; oldest = this.#recent.peek()) {
      this.#recent.shift();
      const sendings = this.#sendings.get(oldest.event) as Sendings;
      sendings.forgotten += 1;
      if (sendings.forgotten === sendings.known) this.#sendings.delete(oldest.event);
    }
  }
}
