/** Topics whose events may be missing, and the time in which they were sent, in milliseconds since the epoch. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly topics: readonly string[];
}

/** What is known of one topic. */
interface Cover {
  /** Who delivers it, and since when. */
  readonly legs: Map<object, number>;
  /** From when on nobody is sure to have delivered it; undefined while somebody does. */
  openFrom: number | undefined;
}

/**
 * **Knows who delivers which topic, and so where a gap can't be excluded.** A leg is one connection; several may deliver the
 * same topic. Knows no clock: it is told the times.
 */
export class Coverage {
  readonly #covers = new Map<string, Cover>();

  /** From `since` on this leg delivers these topics. Gives the gaps that end with it. */
  covered(leg: object, topics: Iterable<string>, since: number): readonly Gap[] {
    const gaps = new Gaps();
    for (const topic of topics) {
      let cover = this.#covers.get(topic);
      if (cover === undefined) {
        cover = { legs: new Map(), openFrom: undefined };
        this.#covers.set(topic, cover);
      }
      if (!cover.legs.has(leg)) cover.legs.set(leg, since);
      if (cover.openFrom === undefined) continue;
      gaps.add(topic, cover.openFrom, since);
      cover.openFrom = undefined;
    }
    return gaps.all();
  }

  /**
   * The leg delivers these topics no more. What was sent from its begin to `lastSeen` it has delivered. Gives the gaps that
   * are over already, because another leg came later.
   */
  lost(leg: object, topics: Iterable<string>, lastSeen: number): readonly Gap[] {
    const gaps = new Gaps();
    for (const topic of topics) {
      const cover = this.#covers.get(topic);
      const since = cover?.legs.get(leg);
      if (cover === undefined || since === undefined) continue;
      cover.legs.delete(leg);
      const from = Math.max(lastSeen, since);
      const others = Math.min(...cover.legs.values());
      if (others === Infinity) cover.openFrom = from;
      else if (others > from) gaps.add(topic, from, others);
    }
    return gaps.all();
  }

  /** Nobody wants these topics any more: what is missing of them is no gap. */
  forget(topics: Iterable<string>): void {
    for (const topic of topics) this.#covers.delete(topic);
  }

  /** Whether all of these topics that any of these legs delivers are delivered by another leg, too. */
  isCoveredElsewhere(legs: ReadonlySet<object>, topics: Iterable<string>): boolean {
    for (const topic of topics) {
      const deliver = [...(this.#covers.get(topic)?.legs.keys() ?? [])];
      if (deliver.length > 0 && deliver.every((leg) => legs.has(leg))) return false;
    }
    return true;
  }
}

/** Gathers topics by their gaps. */
class Gaps {
  readonly #gaps = new Map<string, { readonly from: number; readonly to: number; readonly topics: string[] }>();

  add(topic: string, from: number, to: number): void {
    const key = `${from} ${to}`;
    const gap = this.#gaps.get(key);
    if (gap === undefined) this.#gaps.set(key, { from, to, topics: [topic] });
    else gap.topics.push(topic);
  }

  all(): readonly Gap[] {
    return [...this.#gaps.values()];
  }
}
