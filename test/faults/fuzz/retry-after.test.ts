import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../../operators/retry-after.ts';
import { fuzz } from './fuzz.ts';
import { mutated } from './mutated.ts';

const NOW = Date.UTC(2026, 0, 31, 12);

/** The last moment of the year 9999: what an HTTP date can say. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59);

const moment = fc.integer({ min: 0, max: LAST / 1_000 }).map((seconds) => seconds * 1_000);

describe('retryAfterMs', () => {
  it('reads every HTTP date, whether gone by or to come', async () => {
    await fuzz(moment, (date) => {
      expect(retryAfterMs(new Date(date).toUTCString(), NOW)).toBe(Math.max(0, date - NOW));
    });
  });

  it('gives a time for what says one, and nothing for all other text', async () => {
    const piece = fc.constantFrom(
      'Sun',
      'Mon',
      ', ',
      '06',
      '31',
      '30',
      ' Feb ',
      ' Nov ',
      '1994',
      '0049',
      ' 24:00:00',
      ' 08:49:37',
      ' GMT',
      ' ',
      '-',
      '0',
      '1e3',
    );
    const header = fc.oneof(
      fc.string(),
      fc.nat().map(String),
      fc.array(piece).map((pieces) => pieces.join('')),
      fc
        .tuple(
          fc.constantFrom('Sun', 'Mon'),
          fc.integer({ min: 0, max: 32 }),
          fc.constantFrom('Feb', 'Apr', 'Nov', 'Foo'),
          fc.constantFrom('1994', '2096', '0049'),
          fc.constantFrom('08:49:37', '24:00:00', '23:59:60'),
        )
        .map(
          ([day, date, month, year, time]) => `${day}, ${String(date).padStart(2, '0')} ${month} ${year} ${time} GMT`,
        ),
      mutated(moment.map((date) => Buffer.from(new Date(date).toUTCString()))).map((bytes) =>
        Buffer.from(bytes).toString('latin1'),
      ),
    );
    await fuzz(header, (text) => {
      const wait = retryAfterMs(text, NOW);
      const value = text.trim();
      if (/^[0-9]{1,9}$/.test(value)) expect(wait).toBe(Number(value) * 1_000);
      else if (isDate(value)) expect(wait).toBe(Math.max(0, Date.parse(value) - NOW));
      else expect(wait).toBeUndefined();
    });
  });
});

/**
 * Whether this is how a date that there is would be written, in as many characters; the name of the day aside: who counts
 * days wrong still has a date.
 */
function isDate(value: string): boolean {
  const written = new Date(value).toUTCString();
  const hasForm = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), /.test(value) && value.length === 29;
  return hasForm && value.slice(3) === written.slice(3);
}
