/** How many unmatched events are remembered; the oldest is forgotten first. */
const MAX_EVENTS = 100_000;

/** One of two connections that deliver the same events. */
export type Side = 1 | -1;

/**
 * **Matches the deliveries of two connections one to one**, so that of an event that both deliver one is a duplicate, and an
 * event that was sent twice is delivered twice.
 */
export class DeliveryBalance {
  /** For each event, how many more times side 1 has delivered it than side -1. Even ones are not kept. */
  readonly #leads = new Map<string, number>();

  /** Notes a delivery, and tells whether the other side had made it before. */
  isDuplicate(event: string, side: Side): boolean {
    const before = this.#leads.get(event) ?? 0;
    const after = before + side;
    if (after === 0) this.#leads.delete(event);
    else this.#leads.set(event, after);
    if (this.#leads.size > MAX_EVENTS) this.#leads.delete(this.#leads.keys().next().value as string);
    return before * side < 0;
  }
}
