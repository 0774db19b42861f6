/**
 * What time is taken from, and what is done later. A `SchedulerLike` of RxJS fits: `asyncScheduler` for the time of the
 * wall, a `VirtualTimeScheduler` for time that a test drives.
 */
export interface Clock {
  /** The time, in milliseconds since the epoch. */
  now(): number;
  /** Does `work` once, `delay` milliseconds from now, unless it is unsubscribed before. */
  schedule(work: () => void, delay: number): Timer;
}

/** Something that is yet to be done. */
export interface Timer {
  /** Leaves it undone. */
  unsubscribe(): void;
}
