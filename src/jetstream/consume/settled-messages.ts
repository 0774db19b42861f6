import type { DeliveryInfo } from '@nats-io/jetstream';

/** How many are known: more than a reader ever has in hand. */
const KNOWN = 8_192;

/**
 * **The last messages of a partition that were settled here.** A server that was killed has forgotten the latest acknowledgements, and delivers
 * again what they were for.
 *
 * A message is its place in the stream and the time at which it was stored: after a server has lost messages, their places are taken by others.
 */
export class SettledMessages {
  /** The time, at the place modulo {@link KNOWN}. */
  readonly #times = new Float64Array(KNOWN);

  add({ streamSequence, timestampNanos }: DeliveryInfo): void {
    this.#times[streamSequence % KNOWN] = timestampNanos;
  }

  has({ streamSequence, timestampNanos }: DeliveryInfo): boolean {
    return this.#times[streamSequence % KNOWN] === timestampNanos;
  }
}
