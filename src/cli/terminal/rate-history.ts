/** How long a figure is taken over, in milliseconds. */
const PERIOD = 1_000;

/** **How many frames a second there were in each of the last seconds**, from a total that is looked at now and then. */
export class RateHistory {
  readonly #rates: number[];
  #frames = 0;
  #at: number;

  /**
   * @param length - how many seconds are kept
   * @param now - in milliseconds, on the clock of {@link update}
   */
  constructor(length: number, now: number) {
    this.#rates = Array.from({ length }, () => 0);
    this.#at = now;
  }

  /** The last second at the end. Before the start nothing came. */
  get rates(): readonly number[] {
    return this.#rates;
  }

  /** Takes how many frames there were until now. */
  update(frames: number, now: number): void {
    const elapsed = now - this.#at;
    if (elapsed < PERIOD) return;
    const rate = ((frames - this.#frames) / elapsed) * 1_000;
    const seconds = Math.min(Math.round(elapsed / PERIOD), this.#rates.length);
    this.#rates.splice(0, seconds);
    this.#rates.push(...Array.from({ length: seconds }, () => rate));
    this.#frames = frames;
    this.#at = now;
  }
}
