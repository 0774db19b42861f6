import { NEVER, Observable, of, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RateLimiter } from '../../src/genesys/rate-limiter.ts';
import { rateWindow } from '../../src/genesys/rate-window.ts';
import { HandClock } from '../connection/hand-clock.ts';
import { waits } from './api-client.ts';

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A limiter in time that is driven by hand, and calls that note when they go: `name@time`. */
function limited() {
  const clock = new HandClock();
  const limiter = new RateLimiter(clock, clock);
  const went: string[] = [];
  const call = (name: string, ends$: Observable<unknown> = of(name), place = limiter.place()) =>
    limiter
      .run(
        place,
        new Observable((subscriber) => {
          went.push(`${name}@${clock.now()}`);
          return ends$.subscribe(subscriber);
        }),
      )
      .subscribe({ error: () => undefined });
  return { clock, limiter, went, call };
}

describe('RateLimiter', () => {
  it('lets calls go at once where nothing is known', () => {
    const { clock, went, call } = limited();
    call('a', NEVER);
    call('b', NEVER);
    expect(went).toEqual(['a@0', 'b@0']);
    expect(waits(clock)).toEqual([]);
  });

  it('lets no call go during a pause, and then all of them in order, with no timer left', () => {
    const { clock, limiter, went, call } = limited();
    limiter.pause(3_000);
    for (const name of ['a', 'b', 'c']) call(name);
    expect(waits(clock)).toEqual([3_000]);
    clock.advance(2_999);
    expect(went).toEqual([]);
    clock.advance(1);
    expect(went).toEqual(['a@3000', 'b@3000', 'c@3000']);
    expect(waits(clock)).toEqual([]);
    call('d');
    expect(went).toHaveLength(4);
  });

  it('puts a random part of up to half a second on top of a pause', () => {
    vi.mocked(Math.random).mockReturnValue(1);
    const { clock, limiter, went, call } = limited();
    limiter.pause(1_000);
    call('a');
    clock.advance(1_499);
    expect(went).toEqual([]);
    clock.advance(1);
    expect(went).toEqual(['a@1500']);
  });

  it('takes the longer of two pauses, also of one that begins while calls wait', () => {
    const { clock, limiter, went, call } = limited();
    limiter.pause(1_000);
    call('a');
    limiter.pause(5_000);
    limiter.pause(2_000);
    clock.advance(4_999);
    expect(went).toEqual([]);
    clock.advance(1);
    expect(went).toEqual(['a@5000']);
  });

  it('waits out a pause that is longer than timers take', () => {
    const { clock, limiter, went, call } = limited();
    limiter.pause(999_999_999_000);
    call('a');
    expect(waits(clock)).toEqual([2 ** 31 - 1]);
    clock.advance(999_999_998_999);
    expect(went).toEqual([]);
    clock.advance(1);
    expect(went).toEqual(['a@999999999000']);
  });

  it('puts a call that is repeated back into its place', () => {
    const { clock, limiter, went, call } = limited();
    const [first, second] = [limiter.place(), limiter.place()];
    limiter.pause(10);
    call('third');
    call('second', of(0), second);
    call('fourth');
    call('first', of(0), first);
    clock.advance(10);
    expect(went).toEqual(['first@10', 'second@10', 'third@10', 'fourth@10']);
  });

  it('forgets a call that is given up, and leaves no timer when it was the last', () => {
    const { clock, limiter, went, call } = limited();
    limiter.pause(10);
    const [a, b, c] = [call('a'), call('b'), call('c')];
    b.unsubscribe();
    clock.advance(10);
    expect(went).toEqual(['a@10', 'c@10']);
    limiter.pause(10);
    const d = call('d');
    expect(waits(clock)).toEqual([10]);
    for (const given of [a, c, d]) given.unsubscribe();
    expect(waits(clock)).toEqual([]);
    clock.advance(1_000);
    expect(went).toHaveLength(2);
  });

  it('lets as many go as the window has left, and the others after its reset', () => {
    const { clock, limiter, went, call } = limited();
    limiter.learn({ count: 298, allowed: 300, resetIn: 12_000 });
    for (const name of ['a', 'b', 'c']) call(name, NEVER);
    expect(went).toEqual(['a@0', 'b@0']);
    clock.advance(11_999);
    expect(went).toHaveLength(2);
    clock.advance(1);
    expect(went).toEqual(['a@0', 'b@0', 'c@12000']);
  });

  it('puts a random part on top of the reset', () => {
    vi.mocked(Math.random).mockReturnValue(1);
    const { clock, limiter, went, call } = limited();
    limiter.learn({ count: 300, allowed: 300, resetIn: 1_000 });
    call('a');
    clock.advance(1_499);
    expect(went).toEqual([]);
    clock.advance(1);
    expect(went).toEqual(['a@1500']);
  });

  it('lets no more go after a reset than are allowed, until answers tell of the new window', () => {
    const { clock, limiter, went, call } = limited();
    limiter.learn({ count: 2, allowed: 2, resetIn: 1_000 });
    const ends = new Subject<never>();
    call('a', ends);
    call('b', NEVER);
    call('c', NEVER);
    clock.advance(1_000);
    expect(went).toEqual(['a@1000', 'b@1000']);
    expect(waits(clock)).toEqual([]);
    clock.advance(500);
    limiter.learn({ count: 1, allowed: 2, resetIn: 60_000 });
    ends.complete();
    expect(went).toHaveLength(2);
    clock.advance(59_999);
    expect(went).toHaveLength(2);
    clock.advance(1);
    expect(went).toEqual(['a@1000', 'b@1000', 'c@61500']);
  });

  it('lets the next one go when a call under way fails without having been counted', () => {
    const { limiter, went, call } = limited();
    limiter.learn({ count: 1, allowed: 2, resetIn: 60_000 });
    const fails = new Subject<never>();
    call('a', fails);
    call('b');
    expect(went).toEqual(['a@0']);
    fails.error(new Error('no route'));
    expect(went).toEqual(['a@0', 'b@0']);
  });

  it('lets the next one go when a call under way is given up', () => {
    const { limiter, went, call } = limited();
    limiter.learn({ count: 1, allowed: 2, resetIn: 60_000 });
    const a = call('a', NEVER);
    call('b');
    a.unsubscribe();
    expect(went).toEqual(['a@0', 'b@0']);
  });

  it('believes the highest count of one window, and the last window', () => {
    const { clock, limiter, went, call } = limited();
    limiter.learn({ count: 5, allowed: 5, resetIn: 10_000 });
    limiter.learn({ count: 4, allowed: 5, resetIn: 9_000 });
    call('a');
    expect(went).toEqual([]);
    clock.advance(9_999);
    expect(went).toEqual([]);
    clock.advance(1);
    limiter.learn({ count: 5, allowed: 5, resetIn: 60_000 });
    call('b');
    limiter.learn({ count: 0, allowed: 5, resetIn: 63_000 });
    call('c');
    expect(went).toEqual(['a@10000', 'b@10000', 'c@10000']);
  });

  it('believes no answer of a window that was over before', () => {
    const { limiter, went, call } = limited();
    limiter.learn({ count: 1, allowed: 5, resetIn: 60_000 });
    limiter.learn({ count: 5, allowed: 5, resetIn: 0 });
    call('a');
    expect(went).toEqual(['a@0']);
  });

  it('takes the first answer after a reset as that of a new window, however short it is', () => {
    const { clock, limiter, went, call } = limited();
    limiter.learn({ count: 1, allowed: 1, resetIn: 1_000 });
    clock.advance(1_000);
    limiter.learn({ count: 1, allowed: 1, resetIn: 1_000 });
    call('a');
    clock.advance(999);
    expect(went).toEqual([]);
    clock.advance(1);
    expect(went).toEqual(['a@2000']);
  });
});

describe('rateWindow', () => {
  const headers = (count?: string, allowed?: string, reset?: string) =>
    new Headers(
      Object.entries({
        'inin-ratelimit-count': count,
        'inin-ratelimit-allowed': allowed,
        'inin-ratelimit-reset': reset,
      }).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
    );

  it('reads count, limit, and the seconds to the reset', () => {
    expect(rateWindow(headers('7', '300', '61'))).toEqual({ count: 7, allowed: 300, resetIn: 61_000 });
    expect(rateWindow(headers('0', '1', '0'))).toEqual({ count: 0, allowed: 1, resetIn: 0 });
  });

  it.each([
    ['no count', headers(undefined, '300', '61')],
    ['no limit', headers('7', undefined, '61')],
    ['no reset', headers('7', '300')],
    ['a limit of nothing', headers('7', '0', '61')],
    ['a negative count', headers('-7', '300', '61')],
    ['a date', headers('7', '300', 'Sun, 06 Nov 1994 08:49:37 GMT')],
    ['a fraction', headers('7', '300', '1.5')],
    ['two values', headers('7', '300, 300', '61')],
    ['nothing in it', headers('', '300', '61')],
  ])('makes nothing of %s', (_, given) => {
    expect(rateWindow(given)).toBeUndefined();
  });
});
