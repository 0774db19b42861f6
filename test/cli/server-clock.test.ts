import { afterEach, describe, expect, it, vi } from 'vitest';
import { ServerClock } from '../../src/cli/doctor/server-clock.ts';

const AT = Date.parse('2026-01-31T12:00:00.000Z');

/** What it makes of an answer with this date, that came after `took` ms, where our clock showed `ours` when it was sent. */
async function ahead(date: string | undefined, ours: number, took: number): Promise<number | undefined> {
  vi.useFakeTimers({ now: ours, toFake: ['Date'] });
  vi.stubGlobal('fetch', () => {
    vi.setSystemTime(ours + took);
    return Promise.resolve(new Response('', { headers: date === undefined ? {} : { date } }));
  });
  const clock = new ServerClock();
  await clock.fetch('http://localhost');
  return clock.ahead;
}

describe('ServerClock', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const date = new Date(AT).toUTCString();

  it.each([
    ['in the same second', AT, 0, 0],
    ['at the end of the second', AT + 999, 0, 0],
    ['while the answer was under way', AT - 400, 500, 0],
    ['a second later', AT + 1_999, 100, -1_000],
    ['an hour before', AT - 3_600_000, 300, 3_599_700],
  ])('knows the difference at least, where ours shows a time %s', async (_, ours, took, difference) => {
    expect(await ahead(date, ours, took)).toBe(difference);
  });

  it('knows nothing of a server that does not say its time', async () => {
    expect(await ahead(undefined, AT, 0)).toBeUndefined();
    expect(await ahead('at noon', AT, 0)).toBeUndefined();
  });
});
