import { concat, EMPTY, from, map, NEVER, Observable, of, range, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { OverflowError } from '../operators/errors.ts';
import { Flow } from '../operators/flow.ts';
import { toAsyncIterable, type ToAsyncIterableOptions } from '../operators/to-async-iterable.ts';

/** What a loop gets, and what it throws. */
async function read<T>(source: Observable<T>, options?: ToAsyncIterableOptions): Promise<readonly unknown[]> {
  const got: unknown[] = [];
  try {
    for await (const value of toAsyncIterable(source, options)) got.push(value);
    got.push('end');
  } catch (error) {
    got.push(error);
  }
  return got;
}

/** A signal that counts who listens to it. */
function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, listener: never) => {
    listeners.add(listener);
    add(type, listener);
  };
  signal.removeEventListener = (type: string, listener: never) => {
    listeners.delete(listener);
    remove(type, listener);
  };
  return { controller, signal, listeners };
}

/** A source that says how many subscribe to it. */
function counted<T>(source: Observable<T>) {
  const counts = { subscribed: 0, left: 0 };
  const counted$ = new Observable<T>((subscriber) => {
    counts.subscribed += 1;
    subscriber.add(() => (counts.left += 1));
    return source.subscribe(subscriber);
  });
  return { counts, counted$ };
}

describe('toAsyncIterable', () => {
  it('gives what comes, in its order, undefined too, and then the end', async () => {
    expect(await read(of(1, undefined, 3))).toEqual([1, undefined, 3, 'end']);
    expect(await read(EMPTY)).toEqual(['end']);
    expect(await read(from(Promise.resolve('later')))).toEqual(['later', 'end']);
  });

  it('throws the error of the source after what came before it, the same object', async () => {
    const error = new Error('source');
    const got = await read(
      concat(
        of(1, 2),
        throwError(() => error),
      ),
    );
    expect(got).toEqual([1, 2, error]);
    expect(got[2]).toBe(error);
  });

  it('subscribes for each loop anew, and not before it asks', async () => {
    const { counts, counted$ } = counted(of(1));
    const iterable = toAsyncIterable(counted$);
    const iterator = iterable[Symbol.asyncIterator]();
    expect(counts.subscribed).toBe(0);
    for await (const value of iterable) expect(value).toBe(1);
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect(counts.subscribed).toBe(2);
  });

  it.each([
    ['break', 'out', () => undefined],
    [
      'an error in the loop',
      'mine',
      () => {
        throw new Error('mine');
      },
    ],
  ])('unsubscribes at %s, and holds nothing any more', async (_, how, act) => {
    const { counts, counted$ } = counted(concat(range(0, 5), NEVER));
    const { signal, listeners } = countedSignal();
    const flow = new Flow();
    flow.attach({ pause: () => undefined, resume: () => undefined });
    const loop = async () => {
      for await (const value of toAsyncIterable(counted$, { flow, highWaterMark: 2, signal })) {
        expect([value, flow.held, listeners.size]).toEqual([0, true, 1]);
        act();
        break;
      }
      return 'out';
    };
    expect(await loop().catch((error: unknown) => (error as Error).message)).toBe(how);
    expect(counts).toEqual({ subscribed: 1, left: 1 });
    expect([flow.held, listeners.size]).toEqual([false, 0]);
  });

  it('can be left while it waits: what was asked for is the end', async () => {
    const { counts, counted$ } = counted(NEVER);
    const iterator = toAsyncIterable(counted$)[Symbol.asyncIterator]();
    const [first, second] = [iterator.next(), iterator.next()];
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await Promise.all([first, second])).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(counts).toEqual({ subscribed: 1, left: 1 });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(counts.subscribed).toBe(1);
  });

  it('leaves a source that gives all at once as soon as the loop does', async () => {
    let made = 0;
    const endless$ = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next((made += 1));
    });
    expect(await read(endless$, { highWaterMark: 3 })).toEqual([1, 2, 3, expect.any(OverflowError)]);
    expect(made).toBe(4);
  });

  it('answers questions in the order in which they were asked', async () => {
    const source$ = new Subject<string>();
    const iterator = toAsyncIterable(source$)[Symbol.asyncIterator]();
    const asked = [iterator.next(), iterator.next(), iterator.next()];
    source$.next('a');
    source$.next('b');
    source$.complete();
    expect((await Promise.all(asked)).map(({ done, value }) => done || value)).toEqual(['a', 'b', true]);
  });

  describe('with a flow', () => {
    it('pauses at the high-water mark, resumes at the low one, and loses nothing', async () => {
      const source$ = new Subject<number>();
      const flow = new Flow();
      const log: string[] = [];
      flow.attach({ pause: () => log.push('pause'), resume: () => log.push('resume') });
      const iterator = toAsyncIterable(source$, { flow, highWaterMark: 4, lowWaterMark: 1 })[Symbol.asyncIterator]();
      const next = async () => (await iterator.next()).value as number | undefined;
      const first = next();
      // 0 goes to the one who asked, the others wait.
      for (const value of [0, 1, 2, 3]) source$.next(value);
      expect(log).toEqual([]);
      source$.next(4);
      expect(log).toEqual(['pause']);
      // What was under way is taken above the mark.
      for (const value of [5, 6]) source$.next(value);
      expect(log).toEqual(['pause']);
      expect(await first).toBe(0);
      expect([await next(), await next(), await next(), await next()]).toEqual([1, 2, 3, 4]);
      expect(log).toEqual(['pause']);
      expect(await next()).toBe(5);
      expect(log).toEqual(['pause', 'resume']);
      expect(await next()).toBe(6);
      source$.complete();
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it('does not pause for a value that somebody waits for', async () => {
      const source$ = new Subject<number>();
      const flow = new Flow();
      const log: string[] = [];
      flow.attach({ pause: () => log.push('pause'), resume: () => log.push('resume') });
      const iterator = toAsyncIterable(source$, { flow, highWaterMark: 1 })[Symbol.asyncIterator]();
      const first = iterator.next();
      source$.next(1);
      expect([(await first).value, log]).toEqual([1, []]);
      source$.next(2);
      expect(log).toEqual(['pause']);
      expect([(await iterator.next()).value, log]).toEqual([2, ['pause', 'resume']]);
    });

    it('fails above the mark where nothing can be paused', async () => {
      const got = await read(range(0, 10), { flow: new Flow(), highWaterMark: 2 });
      expect(got).toEqual([0, 1, expect.any(OverflowError)]);
      expect((got[2] as Error).message).toBe(
        'toAsyncIterable: 2 values are waiting for the loop, at most 2 are allowed, and nothing can pause the source. Give connect and toAsyncIterable the same Flow.',
      );
    });
  });

  describe('with a signal', () => {
    it('is left where it is aborted, with its reason, what waits is dropped', async () => {
      const { counts, counted$ } = counted(concat(range(0, 5), NEVER));
      const { controller, signal, listeners } = countedSignal();
      const source$ = counted$.pipe(map((value) => value));
      const got: unknown[] = [];
      const loop = async () => {
        for await (const value of toAsyncIterable(source$, { signal })) {
          got.push(value);
          if (value === 2) controller.abort(new Error('enough'));
        }
      };
      await expect(loop()).rejects.toThrow('enough');
      expect(got).toEqual([0, 1, 2]);
      expect(counts.left).toBe(1);
      expect(listeners.size).toBe(0);
    });

    it('is left while it waits', async () => {
      const { controller, signal, listeners } = countedSignal();
      const waiting = read(NEVER, { signal });
      controller.abort();
      expect(await waiting).toEqual([signal.reason]);
      expect(listeners.size).toBe(0);
    });

    it('is left where the source has ended before, and drops what waits', async () => {
      const { controller, signal, listeners } = countedSignal();
      const iterator = toAsyncIterable(range(0, 5), { signal })[Symbol.asyncIterator]();
      expect(await iterator.next()).toEqual({ done: false, value: 0 });
      controller.abort(new Error('enough'));
      await expect(iterator.next()).rejects.toThrow('enough');
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      expect(listeners.size).toBe(0);
    });

    it('does not subscribe where it is aborted already', async () => {
      const { counts, counted$ } = counted(of(1));
      expect(await read(counted$, { signal: AbortSignal.abort('before') })).toEqual(['before']);
      expect(counts.subscribed).toBe(0);
    });

    it('does not listen any more once the end is told', async () => {
      const { signal, listeners } = countedSignal();
      expect(await read(of(1), { signal })).toEqual([1, 'end']);
      expect(listeners.size).toBe(0);
    });
  });

  it('refuses what is no Observable at the call', () => {
    expect(() => toAsyncIterable({ subscribe: () => undefined } as never)).toThrow(
      'toAsyncIterable: source must be an object with a method pipe()',
    );
  });

  it.each([
    [{ highWaterMark: 0 }, 'toAsyncIterable: highWaterMark must be a positive integer, got 0'],
    [{ highWaterMark: 2, lowWaterMark: 2 }, /lowWaterMark must be an integer from 0, below highWaterMark \(2\), got 2/],
    [{ signal: {} as never }, /signal must be an object with a method addEventListener\(\)/],
    [{ flow: {} as never }, /flow must be an object with a method hold\(\)/],
    [{ buffer: 1 } as never, /there is no option "buffer"/],
  ])('refuses %o at the call', (options, message) => {
    expect(() => toAsyncIterable(NEVER, options)).toThrow(message);
  });
});
