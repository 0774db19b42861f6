import type { SeenFrame } from './seen-frame.ts';

/** How many frames are kept at most. */
const MOST_FRAMES = 5_000;
/** How many bytes of their payloads are kept at most; the oldest are then without. */
const MOST_BYTES = 32 * 1024 * 1024;

/** **The frames that can be opened**: the last ones, within a bound of their number and one of their bytes. */
export class KeptFrames {
  // In the order in which they were added.
  readonly #frames = new Map<number, SeenFrame>();
  /** Those that have a payload. */
  readonly #withPayload = new Set<SeenFrame>();
  #bytes = 0;

  add(frame: SeenFrame): void {
    frame.detach();
    this.#frames.set(frame.number, frame);
    this.#withPayload.add(frame);
    this.#bytes += frame.keptBytes;
    for (const oldest of this.#frames.values()) {
      if (this.#frames.size <= MOST_FRAMES) break;
      this.#frames.delete(oldest.number);
      this.#dropPayload(oldest);
    }
    for (const oldest of this.#withPayload) {
      if (this.#bytes <= MOST_BYTES) break;
      this.#dropPayload(oldest);
    }
  }

  /** The frame with that number; undefined where it is not kept any more, or never was. */
  get(number: number): SeenFrame | undefined {
    return this.#frames.get(number);
  }

  /** The last `count` of them, oldest first. */
  last(count: number): SeenFrame[] {
    return [...this.#frames.values()].slice(-count);
  }

  #dropPayload(frame: SeenFrame): void {
    this.#bytes -= frame.keptBytes;
    frame.dropPayload();
    this.#withPayload.delete(frame);
  }
}
