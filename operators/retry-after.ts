/** An HTTP date in the form that RFC 9110 section 5.6.7 wants sent: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

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
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
