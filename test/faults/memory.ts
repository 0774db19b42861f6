/** What a process holds, in bytes. */
export interface Memory {
  /** JavaScript's objects. */
  readonly heap: number;
  /** What they stand for outside of the heap: buffers, most of all. */
  readonly external: number;
  /** What the system counts. */
  readonly rss: number;
}

/** The memory of this process after a forced collection. Needs `--expose-gc`. */
export function memory(): Memory {
  gc!();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed, external, rss };
}
