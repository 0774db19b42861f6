import type { Clock } from '../clock.ts';

/** Where a token stands in its minute. */
export interface RateLimitState {
  /** How many requests it has made, this one included. */
  readonly count: number;
  /** How many it may make. */
  readonly allowed: number;
  /** The seconds until the count starts anew, rounded up. */
  readonly reset: number;
}

const WINDOW = 60_000;

/**
 * **Counts the requests of each token in windows of a minute**, the first of which begins with the first request.
 *
 * @param allowed - how many requests a token may make in a window
 * @returns what counts a request and says where its token stands
 */
export function rateLimit(allowed: number, clock: Clock): (token: string) => RateLimitState {
  const windows = new Map<string, { readonly start: number; count: number }>();

  function currentWindow(token: string, now: number): { readonly start: number; count: number } {
    const window = windows.get(token);
    if (window && now < window.start + WINDOW) return window;
    // All are equally long and added as they begin, so those in front are the first to be over.
    for (const [other, { start }] of windows) {
      if (now < start + WINDOW) break;
      windows.delete(other);
    }
    const next = { start: now, count: 0 };
    windows.set(token, next);
    return next;
  }

  return (token) => {
    const now = clock.now();
    const window = currentWindow(token, now);
    window.count += 1;
    return { count: window.count, allowed, reset: Math.ceil((window.start + WINDOW - now) / 1000) };
  };
}
