import { Fifo } from './fifo.ts';

/** One of two connections that deliver the same events. */
export type Side = 1 | -1;

interface Delivery {
  readonly event: string;
  readonly side: Side;
  readonly at: number;
  isMatched: boolean;
}

/**
 * **Matches the deliveries of two connections one to one**, so that of an event that both deliver one is a duplicate, and an
 * event that was sent twice is delivered twice.
 *
 * A delivery waits for its match for `maxLag`. What is older will find none: the same event, sent anew, is no duplicate.
 */
export class DeliveryBalance {
  readonly #maxLag: number;
  /** What was delivered within `maxLag`, oldest first. */
  readonly #recent = new Fifo<Delivery>();
  /** For each event those that only one side has made, oldest first. */
  readonly #unmatched = new Map<string, Fifo<Delivery>>();

  /** @param maxLag - how far one connection may lag behind the other, in milliseconds */
  constructor(maxLag: number) {
    this.#maxLag = maxLag;
  }

  /** Notes a delivery, and tells whether the other side had made it before. */
  isDuplicate(event: string, side: Side, now: number): boolean {
    this.#forgetBefore(now - this.#maxLag);
    const unmatched = this.#unmatched.get(event) ?? new Fifo();
    const oldest = unmatched.peek();
    if (oldest !== undefined && oldest.side !== side) {
      oldest.isMatched = true;
      this.#dropOldest(event);
      return true;
    }
    const delivery = { event, side, at: now, isMatched: false };
    unmatched.push(delivery);
    this.#unmatched.set(event, unmatched);
    this.#recent.push(delivery);
    return false;
  }

  #forgetBefore(time: number): void {
    for (let oldest = this.#recent.peek(); oldest !== undefined && oldest.at < time; oldest = this.#recent.peek()) {
      this.#recent.shift();
      if (!oldest.isMatched) this.#dropOldest(oldest.event);
    }
  }

  #dropOldest(event: string): void {
    const unmatched = this.#unmatched.get(event);
    unmatched?.shift();
    if (unmatched?.peek() === undefined) this.#unmatched.delete(event);
  }
}
