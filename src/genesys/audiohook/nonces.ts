import { createHash } from 'node:crypto';
import { Fifo } from '../../../operators/fifo.ts';
import { CLOCK_SKEW, LONGEST_AGE } from './message-signature.ts';

/** For how long a signature is accepted at the most after it was accepted once, in seconds: its clock may be ahead, then behind. */
const LONGEST_USE = LONGEST_AGE + 2 * CLOCK_SKEW;

/**
 * **Remembers the nonces of verified signatures** for as long as their signatures could be accepted again.
 *
 * Bounded: when as many of a key are known as may be, a new one is refused, because to forget an old one would let its signature in a second
 * time. Nobody without a secret can fill it, as long as only nonces of verified signatures come here, and nobody with one fills it for others. Forgets when it is asked the
 * next time; has no timer. Keeps digests, which have one length, and no key.
 */
export class Nonces {
  readonly #most: number;
  readonly #known = new Set<string>();
  /** How many are known of each key. */
  readonly #counts = new Map<string, number>();
  /** The same, in the order in which they came. */
  readonly #order = new Fifo<{ readonly key: string; readonly entry: string; readonly at: number }>();

  /** @param most - how many of one key are known at the same time; 25,000 are 1,562 sessions a second */
  constructor(most = 25_000) {
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
    const key = digestOf(keyId);
    const entry = digestOf(`${key}\n${nonce}`);
    const count = this.#counts.get(key) ?? 0;
    if (this.#known.has(entry)) return 'replayed';
    if (count >= this.#most) return 'full';
    this.#known.add(entry);
    this.#counts.set(key, count + 1);
    this.#order.push({ key, entry, at: now });
    return 'new';
  }

  #forget(now: number): void {
    for (let oldest = this.#order.peek(); oldest && now - oldest.at > LONGEST_USE; oldest = this.#order.peek()) {
      const { key, entry } = oldest;
      this.#order.shift();
      this.#known.delete(entry);
      const left = (this.#counts.get(key) ?? 0) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
