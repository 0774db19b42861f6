/** A list that keeps its last `limit` entries. */
export interface LastEntries<T> {
  add(entry: T): void;
  /** A copy, oldest first. */
  list(): readonly T[];
}

/** **Keeps the last `limit` entries** of what may be endless. Cuts in blocks, so that adding stays cheap. */
export function keepLast<T>(limit: number): LastEntries<T> {
  let entries: T[] = [];
  return {
    add: (entry) => {
      entries.push(entry);
      if (entries.length >= 2 * limit) entries = entries.slice(-limit);
    },
    list: () => entries.slice(-limit),
  };
}
