import { lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthError, NetworkError, ThrottledError, TimeoutError, UrlError } from '../../operators/errors.ts';
import { retrying } from '../../src/auth/retrying.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const network = () => new NetworkError('no route');
const throttled = (retryAfter?: number) => () => new ThrottledError('slow down', 429, retryAfter);

/** Runs work that always fails: when it was tried, in milliseconds from the start, and how it ended. */
async function triesOf(attempts: number, failure: () => Error, random: number) {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  const start = Date.now();
  const tries: number[] = [];
  const run = lastValueFrom(
    retrying(attempts, () => {
      tries.push(Date.now() - start);
      return Promise.reject(failure());
    }),
  );
  const ended = run.catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { tries, error: await ended };
}

describe('retrying', () => {
  it('waits between half of a ceiling that doubles from 500 ms, and all of it', async () => {
    expect((await triesOf(4, network, 0)).tries).toEqual([0, 250, 750, 1_750]);
    expect((await triesOf(4, network, 0.5)).tries).toEqual([0, 375, 1_125, 2_625]);
  });

  it('lets the ceiling grow to 30 s', async () => {
    const { tries } = await triesOf(10, network, 0);
    expect(tries.slice(1).map((time, index) => time - tries[index]!)).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000,
    ]);
  });

  it('waits for what the server asked, never less, with the random part on top', async () => {
    expect((await triesOf(3, throttled(7_000), 0)).tries).toEqual([0, 7_000, 14_000]);
    expect((await triesOf(3, throttled(7_000), 0.5)).tries).toEqual([0, 7_125, 14_375]);
    expect((await triesOf(2, throttled(0), 0)).tries).toEqual([0, 0]);
  });

  it('backs off where a server throttles and says no time', async () => {
    expect((await triesOf(3, throttled(), 0)).tries).toEqual([0, 250, 750]);
  });

  it('waits out a Retry-After of 30 s, and fails at once with a longer one', async () => {
    expect((await triesOf(2, throttled(30_000), 0)).tries).toEqual([0, 30_000]);
    const { tries, error } = await triesOf(2, throttled(30_001), 0);
    expect(tries).toEqual([0]);
    expect(error).toMatchObject({ code: 'ERR_THROTTLED', retryAfter: 30_001 });
  });

  it('fails with the last failure', async () => {
    let nth = 0;
    const { error } = await triesOf(3, () => new NetworkError(`failure ${(nth += 1)}`), 0);
    expect(error).toMatchObject({ message: 'failure 3' });
  });

  it.each([
    ['tries again', 'a timeout', () => new TimeoutError('late', 'token', 1), 2],
    ['does not try again', 'a refusal', () => new AuthError('no', 401), 1],
    ['does not try again', 'a wrong address', () => new UrlError('no'), 1],
    ['does not try again', 'a defect', () => new RangeError('bug'), 1],
  ])('%s after %s', async (_, __, failure, expected) => {
    expect((await triesOf(2, failure, 0)).tries).toHaveLength(expected);
  });

  it('gives the value of the first try that succeeds, and leaves no timer', async () => {
    let nth = 0;
    const run = lastValueFrom(retrying(3, () => ((nth += 1) < 2 ? Promise.reject(network()) : Promise.resolve(nth))));
    await vi.runAllTimersAsync();
    expect(await run).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('aborts the work that is under way when it is unsubscribed from, and does not try again', async () => {
    const signals: AbortSignal[] = [];
    const run = retrying(3, (signal) => {
      signals.push(signal);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(network())));
    }).subscribe();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    run.unsubscribe();
    await vi.runAllTimersAsync();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('ends its wait when it is unsubscribed from', async () => {
    let tries = 0;
    const run = retrying(3, () => {
      tries += 1;
      return Promise.reject(network());
    }).subscribe();
    await vi.advanceTimersByTimeAsync(0);
    expect([tries, vi.getTimerCount()]).toEqual([1, 1]);
    run.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not abort work that has ended', async () => {
    const signals: AbortSignal[] = [];
    const run = retrying(2, (signal) => {
      signals.push(signal);
      return signals.length < 2 ? Promise.reject(network()) : Promise.resolve('done');
    });
    const ended = lastValueFrom(run);
    await vi.runAllTimersAsync();
    expect(await ended).toBe('done');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});
