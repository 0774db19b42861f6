/** What this process holds, in bytes. */
export interface Memory {
  /** JavaScript's objects, and the buffers that they stand for. */
  readonly heap: number;
  /** What the system counts. */
  readonly rss: number;
}

/** The memory of this process. */
export function memory(): Memory {
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}
