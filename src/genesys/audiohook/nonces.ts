import { createHash } from 'node:crypto';
import { Fifo } from '../../../operators/fifo.ts';
import { CLOCK_SKEW, LONGEST_AGE } from './message-signature.ts';

/** For how long a signature is accepted at the most after it was accepted once, in seconds: its clock may be ahead, then behind. */
const LONGEST_USE = LONGEST_AGE + 2 * CLOCK_SKEW;

/**
 * **Remembers the nonces of verified signatures** for as long as their signatures could be accepted again.
 *
 * Bounded: when as many are known as may be, a new one is refused, because to forget an old one would let its signature in a second
 * time. Nobody without a secret can fill it, as long as only nonces of verified signatures come here. Forgets when it is asked the
 * next time; has no timer. Keeps digests, which have one length, and no key.
 */
export class Nonces {
  readonly #most: number;
  readonly #known = new Set<string>();
  /** The same, in the order in which they came. */
  readonly #order = new Fifo<{ readonly entry: string; readonly at: number }>();

  /** @param most - how many are known at the same time; 100,000 are 6,250 sessions a second */
  constructor(most = 100_000) {
    this.#most = most;
  }

  /** How many are known. */
  get size(): number {
    return this.#known.size;
  }

  /**
   * Remembers a nonce, if it may.
   *
   * @param now - in seconds since the epoch
   */
  use(keyId: string, nonce: string, now: number): 'new' | 'replayed' | 'full' {
    this.#forget(now);
    // Neither has a line break in it, so no other two read the same.
    const entry = createHash('sha256').update(`${keyId}\n${nonce}`).digest('base64');
    if (this.#known.has(entry)) return 'replayed';
    if (this.#known.size >= this.#most) return 'full';
    this.#known.add(entry);
    this.#order.push({ entry, at: now });
    return 'new';
  }

  #forget(now: number): void {
    for (let oldest = this.#order.peek(); oldest && now - oldest.at > LONGEST_USE; oldest = this.#order.peek()) {
      this.#order.shift();
      this.#known.delete(oldest.entry);
    }
  }
}
