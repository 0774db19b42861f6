/** An HTTP date in the form that RFC 9110 section 5.6.7 wants sent: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** The name of the day, which is not looked at: a server that counts days wrong has still given a date. */
const DAY = 'Sun';

/**
 * **Reads a `Retry-After` header** (RFC 9110 section 10.2.3): seconds, or an HTTP date.
 *
 * @param now - the time a date is compared with, in milliseconds since the epoch
 * @returns milliseconds from `now`, at least 0; `undefined` where the header is absent or is neither
 */
export function retryAfterMs(header: string | null | undefined, now: number): number | undefined {
  const value = header?.trim();
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  if (!HTTP_DATE.test(value)) return undefined;
  const date = new Date(value);
  // The platform takes the 31st of February for a day in March. Only a date that it writes the same way is one.
  return date.toUTCString().slice(DAY.length) === value.slice(DAY.length)
    ? Math.max(0, date.getTime() - now)
    : undefined;
}
