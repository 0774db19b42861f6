/** How much a {@link TokenBucket} gives. */
export interface TokenBucketOptions {
  /** Tokens that come a second. */
  readonly rate: number;
  /** Tokens that it holds when it is full, as it is at first. */
  readonly burst: number;
}

/**
 * **Gives a token for each thing that may be done**: at most `burst` at once, and `rate` a second in the long run. No time of
 * any length has more than `burst` and `rate` times that length.
 *
 * Has neither a clock nor a timer. All times are in milliseconds, on one monotonic clock.
 */
export class TokenBucket {
  /** How long a token takes to come. */
  readonly #interval: number;
  /** How long all tokens but one take to come. */
  readonly #slack: number;
  /** When it is full again, if nobody takes a token. */
  #fullAt = -Infinity;

  constructor({ rate, burst }: TokenBucketOptions) {
    this.#interval = 1000 / rate;
    this.#slack = (burst - 1) * this.#interval;
  }

  /** Takes so many tokens, where there are as many. */
  take(now: number, count = 1): boolean {
    const from = Math.max(this.#fullAt, now);
    if (from - this.#slack + (count - 1) * this.#interval > now) return false;
    this.#fullAt = from + count * this.#interval;
    return true;
  }

  /** Takes a token for what was done already. Those that are missing have to come first, though never more than `burst` of them. */
  spend(now: number): void {
    const fullAt = Math.max(this.#fullAt, now) + this.#interval;
    this.#fullAt = Math.min(fullAt, now + 2 * (this.#slack + this.#interval));
  }

  /** When there is a token, if nobody takes one before: `now` where there is one. */
  readyAt(now: number): number {
    return Math.max(now, this.#fullAt - this.#slack);
  }
}
