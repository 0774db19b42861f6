/** How many names are told apart. */
const MOST_NAMES = 100;

/**
 * **Keeps the values of a label few**: the first hundred names keep their counts, those that come later are summed up as `other`.
 * It remembers which came first, so that no count ever falls.
 */
export class NamedCounts {
  readonly #first = new Set<string>();

  /** The counts by name, or `other`. */
  bounded(counts: Readonly<Record<string, number>>): ReadonlyMap<string, number> {
    const bounded = new Map<string, number>();
    for (const [name, count] of Object.entries(counts)) {
      if (this.#first.size < MOST_NAMES) this.#first.add(name);
      const shown = this.#first.has(name) ? name : 'other';
      bounded.set(shown, (bounded.get(shown) ?? 0) + count);
    }
    return bounded;
  }
}
