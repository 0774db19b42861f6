import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../operators/retry-after.ts';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 0);

describe('retryAfterMs', () => {
  it.each<[string, string | null | undefined, number | undefined]>([
    ['seconds', '120', 120_000],
    ['zero', '0', 0],
    ['seconds with space around', ' 5\t', 5_000],
    ['nine digits', '999999999', 999_999_999_000],
    ['ten digits', '1000000000', undefined],
    ['a date to come', 'Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['a date gone by', 'Sun, 06 Nov 1994 08:48:00 GMT', 0],
    ['a date that does not exist', 'Sun, 99 Nov 1994 08:49:37 GMT', undefined],
    ['a day that the month does not have', 'Sun, 31 Feb 2094 08:49:37 GMT', undefined],
    ['an hour that the day does not have', 'Sun, 06 Nov 2094 24:00:00 GMT', undefined],
    ['a year that the platform takes for another', 'Sun, 06 Nov 0049 08:49:37 GMT', undefined],
    ['a date under the name of another day', 'Mon, 06 Nov 1994 08:49:37 GMT', 37_000],
    ['a date with no such day', 'Foo, 06 Nov 1994 08:49:37 GMT', undefined],
    ['a date with no such month', 'Sun, 06 Foo 1994 08:49:37 GMT', undefined],
    ['an obsolete date (RFC 850)', 'Sunday, 06-Nov-94 08:49:37 GMT', undefined],
    ['an obsolete date (asctime)', 'Sun Nov  6 08:49:37 1994', undefined],
    ['an ISO date', '1994-11-06T08:49:37Z', undefined],
    ['a date in another zone', 'Sun, 06 Nov 1994 08:49:37 CET', undefined],
    ['a negative number', '-1', undefined],
    ['a fraction', '1.5', undefined],
    ['an exponent', '1e3', undefined],
    ['a hexadecimal number', '0x10', undefined],
    ['a unit', '5s', undefined],
    ['two values', '5, 10', undefined],
    ['nothing in it', '', undefined],
    ['space in it', ' ', undefined],
    ['no header (null)', null, undefined],
    ['no header (undefined)', undefined, undefined],
  ])('reads %s', (_what, header, expected) => {
    expect(retryAfterMs(header, NOW)).toBe(expected);
  });
});
