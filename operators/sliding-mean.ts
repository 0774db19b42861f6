/** In how many steps the window moves on: its length is exact to one part in so many. */
const SLOTS = 60;

/** **A mean over the last so many milliseconds**, in constant memory, whatever the number of values. */
export class SlidingMean {
  readonly #slotLength: number;
  readonly #sums = new Float64Array(SLOTS);
  readonly #counts = new Float64Array(SLOTS);
  #slot = 0;
  #slotStart: number | undefined;
  #sum = 0;
  #count = 0;

  /** @param window - length in milliseconds */
  constructor(window: number) {
    this.#slotLength = window / SLOTS;
  }

  /** How many values are in the window, as of the last `add`. */
  get count(): number {
    return this.#count;
  }

  add(value: number, now: number): void {
    this.#moveTo(now);
    this.#sums[this.#slot] = (this.#sums[this.#slot] as number) + value;
    this.#counts[this.#slot] = (this.#counts[this.#slot] as number) + 1;
    this.#sum += value;
    this.#count += 1;
  }

  /** The mean as of the last `add`; NaN before it. */
  mean(): number {
    return this.#sum / this.#count;
  }

  #moveTo(now: number): void {
    this.#slotStart ??= now;
    const steps = Math.floor((now - this.#slotStart) / this.#slotLength);
    if (steps <= 0) return;
    this.#slotStart += steps * this.#slotLength;
    for (let step = 0; step < Math.min(steps, SLOTS); step += 1) {
      this.#slot = (this.#slot + 1) % SLOTS;
      this.#sum -= this.#sums[this.#slot] as number;
      this.#count -= this.#counts[this.#slot] as number;
      this.#sums[this.#slot] = 0;
      this.#counts[this.#slot] = 0;
    }
  }
}
