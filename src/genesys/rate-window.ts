/** What an answer tells of the rate limit: so many requests are allowed in a window of time, and so many were made in it. */
export interface RateWindow {
  readonly count: number;
  readonly allowed: number;
  /** When the next window begins, in milliseconds from now. */
  readonly resetIn: number;
}

/**
 * Reads the `inin-ratelimit-…` headers, the reset in seconds. Gives undefined where one is absent, or is no number: browsers
 * show them only where the server lets them (CORS).
 */
export function rateWindow(headers: Headers): RateWindow | undefined {
  const count = wholeNumber(headers.get('inin-ratelimit-count'));
  const allowed = wholeNumber(headers.get('inin-ratelimit-allowed'));
  const reset = wholeNumber(headers.get('inin-ratelimit-reset'));
  if (count === undefined || allowed === undefined || allowed === 0 || reset === undefined) return undefined;
  return { count, allowed, resetIn: reset * 1000 };
}

function wholeNumber(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}
