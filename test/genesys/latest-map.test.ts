import { of, throwError } from 'rxjs';
import { describe, it } from 'vitest';
import { latestMap } from '../../src/genesys/notifications/latest-map.ts';
import { marbles } from '../../marble-tests/marbles.ts';

describe('latestMap', () => {
  it(
    'does one work after the other, and of what comes meanwhile the latest only',
    marbles(({ cold, hot, expectObservable }) => {
      const source = hot('--abc------d--|');
      const result = source.pipe(latestMap((value) => cold('---(x|)', { x: value.toUpperCase() })));
      expectObservable(result).toBe('-----A--C-----(D|)');
    }),
  );

  it(
    'ends when the last work has ended, and with an error at once',
    marbles(({ cold, hot, expectObservable }) => {
      const work = () => cold('---(x|)');
      expectObservable(hot('a|').pipe(latestMap(work))).toBe('---(x|)');
      expectObservable(hot('ab|').pipe(latestMap(work))).toBe('---x--(x|)');
      expectObservable(hot('a-#').pipe(latestMap(work))).toBe('--#');
      expectObservable(hot('-a').pipe(latestMap(() => throwError(() => new Error('no'))))).toBe(
        '-#',
        {},
        new Error('no'),
      );
      expectObservable(hot('|').pipe(latestMap(work))).toBe('|');
    }),
  );

  it(
    'takes work that is done at once',
    marbles(({ hot, expectObservable }) => {
      expectObservable(hot('ab-(c|)').pipe(latestMap((value) => of(value)))).toBe('ab-(c|)');
    }),
  );

  it(
    'breaks the work off when it is unsubscribed from',
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const work = cold('-----(x|)');
      expectObservable(hot('a').pipe(latestMap(() => work)), '^-!').toBe('---');
      expectSubscriptions(work.subscriptions).toBe('^-!');
    }),
  );
});
