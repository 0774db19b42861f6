import { EMPTY, from, of, share, take, type OperatorFunction } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { checksum } from '../operators/checksum.ts';
import { reject, type RawFrame } from '../operators/frame.ts';
import { ofType } from '../operators/of-type.ts';
import { left, lift, liftEach, outcomes } from '../operators/stage.ts';
import { validate } from '../operators/validate.ts';
import { marbles, raw, rejectedFrame, rejectedWith, stageContract } from './marbles.ts';

const a = raw('a');
const b = raw('bb', { sequence: 1 });
const c = raw('c', { sequence: 2 });

/** The same bytes, one more: shows how often a frame was through. */
const grow = (frame: RawFrame) => raw([...frame.rawData, 0x21], { sequence: frame.sequence, isBinary: false });
const refuseLong = (frame: RawFrame) => (frame.byteLength > 1 ? reject(frame, 'mine', 'schema', 'too long') : frame);
const failure = new Error('a defect');
const fail = () => {
  throw failure;
};

describe('lift', () => {
  it(
    'makes the next frame of each, or a rejected one',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-b-c-|', { a, b, c }).pipe(lift(refuseLong), lift(grow))).toBe('-A-x-C-|', {
        A: raw('a!'),
        x: rejectedWith('mine', 'schema', 'too long'),
        C: raw('c!', { sequence: 2 }),
      });
    }),
  );

  it(
    'does not show rejected frames to the function',
    marbles(({ cold, expectObservable }) => {
      const x = rejectedFrame();
      expectObservable(cold('-x-|', { x }).pipe(lift(fail))).toBe('-x-|', { x });
    }),
  );

  it(
    "makes what the function throws the stream's error, and lets the source go",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-b-c-|', { a, b, c });
      const picky = lift((frame: RawFrame) => (frame === b ? fail() : frame));
      expectObservable(source.pipe(picky)).toBe('-a-#', { a }, failure);
      expectSubscriptions(source.subscriptions).toBe('^--!');
    }),
  );

  it('asks the function once for each frame of each subscriber', () => {
    let calls = 0;
    const counted = from([a, b]).pipe(
      lift((frame: RawFrame) => {
        calls += 1;
        return frame;
      }),
    );
    counted.subscribe();
    counted.subscribe();
    expect(calls).toBe(4);
  });
});

describe('liftEach', () => {
  const numbered = () =>
    liftEach(() => {
      let seen = 0;
      return (frame: RawFrame) => raw(String((seen += 1)), { sequence: frame.sequence });
    });

  it(
    'remembers within a subscription, and not beyond it',
    marbles(({ cold, expectObservable }) => {
      const result = cold('-a-b-|', { a, b }).pipe(numbered());
      const expected = { p: raw('1'), q: raw('2', { sequence: 1 }) };
      expectObservable(result, '^-----!').toBe('-p-q-|', expected);
      expectObservable(result, '--^').toBe('---p-q-|', expected);
    }),
  );

  it('creates nothing before it is subscribed to', () => {
    let created = 0;
    const result = from([a]).pipe(
      liftEach(() => {
        created += 1;
        return (frame: RawFrame) => frame;
      }),
    );
    expect(created).toBe(0);
    result.subscribe();
    expect(created).toBe(1);
  });

  it(
    "makes what the creation throws the subscriber's error",
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-|', { a }).pipe(liftEach(fail))).toBe('#', {}, failure);
    }),
  );
});

describe('outcomes', () => {
  it(
    'sees rejected frames too, and takes out what is left',
    marbles(({ cold, expectObservable }) => {
      const values = { a, x: rejectedFrame(), c, u: undefined };
      const odd = outcomes<unknown, unknown>(() => (outcome) => (outcome === a ? left : outcome));
      expectObservable(cold('-a-x-c-u-|', values).pipe(odd)).toBe('---x-c-u-|', values);
    }),
  );

  it('does not show later stages what an earlier one has left out', () => {
    const seen: unknown[] = [];
    from([a, b])
      .pipe(
        outcomes(() => (frame: RawFrame) => (frame === a ? left : frame)),
        lift((frame) => {
          seen.push(frame);
          return frame;
        }),
      )
      .subscribe();
    expect(seen).toStrictEqual([b]);
  });
});

describe('neighbouring stages', () => {
  it(
    'work in their order, with other operators between them or not',
    marbles(({ cold, expectObservable }) => {
      const A = raw('a!!!');
      const source = cold('-a-|', { a });
      expectObservable(source.pipe(lift(grow), lift(grow), lift(grow))).toBe('-A-|', { A });
      expectObservable(source.pipe(lift(grow), share(), lift(grow), share(), lift(grow))).toBe('-A-|', { A });
    }),
  );

  it('become one subscription: what stands between them is not subscribed to', () => {
    const first = from([a]).pipe(lift(grow));
    const subscribe = vi.spyOn(first, 'subscribe');
    const seen: unknown[] = [];
    first.pipe(lift(grow)).subscribe((outcome) => seen.push(outcome));
    expect(seen).toStrictEqual([raw('a!!')]);
    expect(subscribe).not.toHaveBeenCalled();
  });

  it('do not change the Observable that they were piped from', () => {
    const texts: string[] = [];
    const once = from([a]).pipe(lift(grow));
    const twice = once.pipe(lift(grow));
    const other = once.pipe(lift(grow), lift(grow));
    for (const result of [once, twice, other, once]) {
      result.subscribe(({ rawData }) => texts.push(new TextDecoder().decode(rawData)));
    }
    expect(texts).toStrictEqual(['a!', 'a!!', 'a!!!', 'a!']);
  });

  it('stop a source at once that has been taken enough of', () => {
    const seen: RawFrame[] = [];
    const watch = (frame: RawFrame) => {
      seen.push(frame);
      return frame;
    };
    from([a, b, c]).pipe(lift(watch), lift(grow), take(1)).subscribe();
    expect(seen).toStrictEqual([a]);
  });

  it(
    'pass completion on where there is no frame at all',
    marbles(({ expectObservable }) => {
      expectObservable(EMPTY.pipe(lift(grow), lift(grow))).toBe('|');
    }),
  );
});

stageContract(
  'three stages in a row',
  () => (source) =>
    source.pipe(
      lift(grow),
      lift(refuseLong),
      liftEach(() => grow),
    ),
  () => [raw(''), a, b, c],
  { expected: ({ frameId }) => expect.objectContaining({ frameId }) as unknown },
);

describe('a program that the types would have refused', () => {
  it.each<[string, () => unknown, string]>([
    ['lift with no function', () => lift(5 as never), 'lift: examine must be a function, got 5'],
    ['liftEach with no function', () => liftEach(null as never), 'liftEach: create must be a function, got null'],
  ])('%s fails at the call', (_what, call, message) => {
    expect(call).toThrow(new TypeError(message));
  });

  it.each<[string, OperatorFunction<RawFrame, unknown>, string]>([
    [
      'a function without its return',
      lift((() => undefined) as never),
      'lift: the function must give a frame, or reject(frame, …), and gave undefined',
    ],
    [
      'liftEach that makes no function',
      liftEach((() => 5) as never),
      'liftEach: what create gives must be a function, got 5',
    ],
    ['validate before decode', validate() as never, 'validate stands after decode(types): this frame is not decoded'],
    ['checksum before decode', checksum() as never, 'checksum stands after decode(types): this frame is not decoded'],
    ['ofType before decode', ofType('a') as never, 'ofType stands after decode(types): this frame is not decoded'],
  ])('%s is the error of the stream', (_what, operator, message) => {
    const errors: unknown[] = [];
    of(raw('{}'))
      .pipe(operator)
      .subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toStrictEqual([new TypeError(message)]);
  });
});
