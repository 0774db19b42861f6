import { LONGEST_DELAY } from './checks.ts';

/** Says how many frames are due. All times in milliseconds on one clock that the caller reads. */
export interface Pace {
  /** How many may be sent now. */
  due(now: number): number;
  /** Takes note that so many were sent. */
  sent(count: number): void;
  /** How long to wait until the next look. */
  wait(now: number): number;
  /** Starts afresh, with the next frame due at once. */
  restart(now: number): void;
}

/**
 * **A steady rate, kept by the clock and not by counting timers**: late timers do not slow it down.
 *
 * After a long pause it makes up for at most one second's worth; the rest is forgone.
 *
 * @param rate - frames a second; Infinity for as many as can be taken
 * @param tick - at most so often is the clock looked at, in milliseconds
 */
export function pace(rate: number, now: number, tick = 10): Pace {
  if (rate === Infinity) return { due: () => Infinity, sent: () => undefined, wait: () => 0, restart: () => undefined };
  const period = Math.min(LONGEST_DELAY, 1000 / rate);
  const burst = Math.max(1, Math.floor(rate));
  let start = now;
  let count = 0;
  return {
    due: (time) => {
      const due = Math.floor((time - start) / period) + 1 - count;
      if (due <= burst) return due;
      start = time;
      count = 1 - burst;
      return burst;
    },
    sent: (more) => {
      count += more;
    },
    wait: (time) => Math.max(tick, start + count * period - time),
    restart: (time) => {
      start = time;
      count = 0;
    },
  };
}
