import {
  defer,
  EMPTY,
  from,
  lastValueFrom,
  map,
  Observable,
  of,
  share,
  Subject,
  take,
  throwError,
  timer,
  toArray,
  type ObservableInput,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { OverflowError } from '../operators/errors.ts';
import { Flow } from '../operators/flow.ts';
import { isRejected, type RawFrame, type RejectedFrame } from '../operators/frame.ts';
import { processWith, type ProcessWithOptions } from '../operators/process-with.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, record, rejectedFrame, rejectedWith, stageContract } from './marbles.ts';

const frame = (sequence: number) => raw(String(sequence), { sequence });
const frames = (count: number) => Array.from({ length: count }, (_, sequence) => frame(sequence));
/** Frames for diagrams: `a` is number 0, `b` number 1, … and `x` was rejected before. */
const named = { a: frame(0), b: frame(1), c: frame(2), d: frame(3), e: frame(4), x: rejectedFrame() };
/** The result for a frame: its letter in capitals. */
const resultOf = ({ sequence }: RawFrame) => String.fromCharCode(65 + sequence);
/** A consumer that needs so many milliseconds for frame 0, 1, 2, … */
const taking =
  (...durations: readonly number[]) =>
  (f: RawFrame) =>
    timer(durations[f.sequence] as number).pipe(map(() => resultOf(f)));
const overflow = (waiting: number, most: number) =>
  rejectedWith(
    'process-with',
    'overflow',
    `${waiting} frames are waiting for the consumer, at most ${most} are allowed`,
  );

/** A flow with something attached that notes when it is paused and resumed. */
function flowWithLog(now: () => number) {
  const flow = new Flow();
  const log: string[] = [];
  flow.attach({
    pause: () => void log.push(`paused at ${now()}`),
    resume: () => void log.push(`resumed at ${now()}`),
  });
  return { flow, log };
}

stageContract(
  'processWith, ordered',
  () => processWith((f: RawFrame) => of(f)),
  () => frames(3),
);
stageContract(
  'processWith, unordered',
  () => processWith((f: RawFrame) => of(f), { ordered: false, concurrency: 2 }),
  () => frames(3),
);

describe('processWith', () => {
  it(
    'works on one frame after the other by default, and completes after the last result',
    diagram('process-with', { call: 'processWith(save)' }, ({ cold, expectObservable }) => {
      const save = taking(4, 4, 4);
      const result = cold('--a-b-c------|', named).pipe(processWith(save));
      expectObservable(result).toBe('------A---B---(C|)');
    }),
  );

  it(
    'works on as many as concurrency says, and keeps the order of the frames',
    marbles(({ cold, expectObservable }) => {
      // a: 0 to 5, b: 1 to 3, c: 3 to 12, d: 5 to 6
      const result = cold('abcd|', named).pipe(processWith(taking(5, 2, 9, 1), { concurrency: 2 }));
      expectObservable(result).toBe('-----(AB)---(CD|)');
    }),
  );

  it(
    'gives the results as they come where the order does not matter',
    marbles(({ cold, expectObservable }) => {
      const result = cold('abcd|', named).pipe(processWith(taking(5, 2, 9, 2), { concurrency: 2, ordered: false }));
      expectObservable(result).toBe('---B-A-D----(C|)');
    }),
  );

  it(
    'never works on more frames than concurrency says',
    marbles(({ cold, at }) => {
      let working = 0;
      let most = 0;
      const consume = (f: RawFrame) =>
        defer(() => {
          most = Math.max(most, (working += 1));
          return timer(5).pipe(map(() => ((working -= 1), resultOf(f))));
        });
      cold('(abcde|)', named)
        .pipe(processWith(consume, { concurrency: 3 }))
        .subscribe();
      at(100, () => expect([most, working]).toStrictEqual([3, 0]));
    }),
  );

  it(
    'takes the last value of an Observable for the result, and undefined for a result like any other',
    marbles(({ cold, expectObservable }) => {
      const consume = (f: RawFrame): Observable<string | undefined> =>
        f === named.a ? cold('-p-q-r|') : of(undefined);
      expectObservable(cold('a-------b--|', named).pipe(processWith(consume))).toBe('------r-u--|', {
        r: 'r',
        u: undefined,
      });
    }),
  );

  it(
    'lets rejected frames out in their place where the order matters',
    marbles(({ cold, expectObservable }) => {
      const result = cold('xax-b-x----|', named).pipe(processWith(taking(4, 6)));
      expectObservable(result).toBe('x----(Ax)--(Bx|)', { ...named, A: 'A', B: 'B' });
    }),
  );

  it(
    'lets rejected frames out at once where the order does not matter',
    marbles(({ cold, expectObservable }) => {
      const result = cold('xax-b-x-------|', named).pipe(processWith(taking(4, 6), { ordered: false }));
      expectObservable(result).toBe('x-x--Ax----B--|', { ...named, A: 'A', B: 'B' });
    }),
  );

  it(
    "passes its source's error on after the frames that came before it",
    marbles(({ cold, expectObservable }) => {
      const failure = new Error('the source failed');
      const source = cold('ab#', named, failure);
      expectObservable(source.pipe(processWith(taking(4, 4)))).toBe('----A---(B#)', undefined, failure);
      expectObservable(source.pipe(processWith(taking(4, 4), { ordered: false }))).toBe(
        '----A---(B#)',
        undefined,
        failure,
      );
    }),
  );

  describe('fails with what its consumer', () => {
    const failure = new Error('the consumer failed');
    const emptied = new TypeError('processWith: the consumer gave no result: its Observable completed empty');

    it.each<[string, (f: RawFrame) => ObservableInput<string>, Error]>([
      [
        'throws',
        () => {
          throw failure;
        },
        failure,
      ],
      ['gives as an error', () => throwError(() => failure), failure],
      ['fails to give: an Observable that completes empty', () => EMPTY, emptied],
    ])('%s', (_, consume, error) =>
      marbles(({ cold, at, scheduler, pending, expectSubscriptions }) => {
        const flow = new Flow();
        const source = cold('ab----', named);
        const failing = (f: RawFrame) => (f === named.b ? consume(f) : cold('------r|'));
        const options = { concurrency: 2, flow, highWaterMark: 2 };
        const { log } = record(source.pipe(processWith(failing, options)), scheduler);
        at(2, () => {
          expect(log).toStrictEqual([{ at: 1, error }]);
          expect([flow.held, pending()]).toStrictEqual([false, 0]);
        });
        expectSubscriptions(source.subscriptions).toBe('^!');
      })(),
    );

    it(
      'returns where that is nothing that gives values',
      marbles(({ cold, at, scheduler }) => {
        const consume = (() => undefined) as unknown as () => Promise<string>;
        const { log } = record(cold('a', named).pipe(processWith(consume)), scheduler);
        at(1, () => expect(log).toStrictEqual([{ at: 0, error: expect.any(TypeError) as unknown }]));
      }),
    );
  });

  it(
    'ends the Observables at work, and releases the flow, when it is unsubscribed from',
    marbles(({ cold, at, scheduler, pending, expectSubscriptions }) => {
      const flow = new Flow();
      const work = cold('---------r|');
      const source = cold('abc------', named);
      const options = { flow, highWaterMark: 3, concurrency: 2 };
      const { log, subscription } = record(source.pipe(processWith(() => work, options)), scheduler);
      at(4, () => {
        expect(flow.held).toBe(true);
        subscription.unsubscribe();
        expect([flow.held, pending(), log]).toStrictEqual([false, 0, []]);
      });
      expectSubscriptions(source.subscriptions).toBe('^---!');
      expectSubscriptions(work.subscriptions).toBe(['^---!', '-^--!']);
    }),
  );

  it(
    'does nothing more when it is unsubscribed from with a result',
    marbles(({ cold, at, scheduler, pending }) => {
      const started: RawFrame[] = [];
      const consume = (f: RawFrame) => {
        started.push(f);
        return timer(2).pipe(map(() => resultOf(f)));
      };
      const { log } = record(cold('(abc)', named).pipe(processWith(consume), take(1)), scheduler);
      at(3, () => {
        expect(pending()).toBe(0);
        expect(log).toStrictEqual([
          { at: 2, next: 'A' },
          { at: 2, complete: true },
        ]);
        expect(started).toStrictEqual([named.a]);
      });
    }),
  );

  it('stops a source that emits while it is being subscribed to', () => {
    const flow = new Flow();
    let emitted = 0;
    const source = new Observable<RawFrame>((subscriber) => {
      while (!subscriber.closed) {
        emitted += 1;
        subscriber.next(frame(emitted));
      }
    });
    const results: unknown[] = [];
    source
      .pipe(
        processWith((f) => of(resultOf(f)), { flow, highWaterMark: 1 }),
        take(2),
      )
      .subscribe((result) => results.push(result));
    expect([results, emitted, flow.held]).toStrictEqual([['B', 'C'], 2, false]);
  });

  it(
    'starts anew with each subscription, and serves two subscribers of one shared source each at its own pace',
    marbles(({ cold, expectObservable }) => {
      const shared = cold('ab----------|', named).pipe(share());
      expectObservable(shared.pipe(processWith(taking(1, 1)))).toBe('-AB---------|');
      expectObservable(shared.pipe(processWith(taking(5, 5)))).toBe('-----A----B-|');

      const twice = cold('ab|', named).pipe(processWith(taking(2, 2)));
      expectObservable(twice).toBe('--A-(B|)');
      expectObservable(twice, '---^').toBe('-----A-(B|)');
    }),
  );
});

describe('processWith with a flow', () => {
  it(
    'holds it at highWaterMark, and releases it at lowWaterMark',
    marbles(({ cold, at, scheduler }) => {
      const { flow, log } = flowWithLog(() => scheduler.now());
      // Inside: 1 2 3 4 3 2 1 …, with one leaving at 10, 20, 30, 40
      cold('-abcd', named)
        .pipe(processWith(taking(9, 10, 10, 10), { flow, highWaterMark: 4, lowWaterMark: 2 }))
        .subscribe();
      at(100, () => expect(log).toStrictEqual(['paused at 4', 'resumed at 20']));
    }),
  );

  it(
    'has 256 for highWaterMark, and half of it for lowWaterMark, by default',
    marbles(({ at, scheduler }) => {
      const { flow, log } = flowWithLog(() => scheduler.now());
      const each = (period: number) => timer(0, period).pipe(take(300), map(frame));
      // One comes each millisecond, none leaves before 1,000, then one each millisecond leaves.
      each(1)
        .pipe(processWith((f) => timer(f.sequence === 0 ? 1_000 : 1), { flow }))
        .subscribe();
      // 300 are inside at 1,000: 299 remain then, and 128 at 1,171.
      at(2_000, () => expect(log).toStrictEqual(['paused at 255', 'resumed at 1171']));
    }),
  );

  it(
    'loses nothing of what a paused source had read already',
    marbles(({ cold, at, scheduler }) => {
      const { flow, log } = flowWithLog(() => scheduler.now());
      const results = record(
        cold('(abcde|)', named).pipe(
          processWith(taking(3, 3, 3, 3, 3), { flow, highWaterMark: 2, lowWaterMark: 1, overflow: 'error' }),
          toArray(),
        ),
        scheduler,
      );
      at(20, () => {
        expect(results.log[0]).toStrictEqual({ at: 15, next: ['A', 'B', 'C', 'D', 'E'] });
        expect(log).toStrictEqual(['paused at 0', 'resumed at 12']);
      });
    }),
  );

  it(
    'counts what is done and may not leave yet, and rejected frames that wait for their turn',
    marbles(({ cold, at, scheduler }) => {
      const { flow, log } = flowWithLog(() => scheduler.now());
      cold('abxx', named)
        .pipe(processWith(taking(9, 1), { flow, concurrency: 2, highWaterMark: 4, lowWaterMark: 0 }))
        .subscribe();
      at(20, () => expect(log).toStrictEqual(['paused at 3', 'resumed at 9']));
    }),
  );

  it(
    'does not count rejected frames where the order does not matter',
    marbles(({ cold, at, scheduler }) => {
      const { flow, log } = flowWithLog(() => scheduler.now());
      cold('axxx', named)
        .pipe(processWith(taking(9), { flow, ordered: false, highWaterMark: 2 }))
        .subscribe();
      at(20, () => expect(log).toStrictEqual([]));
    }),
  );

  it(
    'can hold and release at every frame',
    marbles(({ cold, at, scheduler }) => {
      const { flow, log } = flowWithLog(() => scheduler.now());
      cold('a---b', named)
        .pipe(processWith(taking(2, 2), { flow, highWaterMark: 1 }))
        .subscribe();
      at(20, () => expect(log).toStrictEqual(['paused at 0', 'resumed at 2', 'paused at 4', 'resumed at 6']));
    }),
  );
});

describe('processWith where nothing can be paused', () => {
  it.each<[string, Partial<ProcessWithOptions>]>([
    ['no flow', {}],
    ['a flow with nothing attached', { flow: new Flow() }],
  ])('fails above highWaterMark: %s', (_, options) =>
    marbles(({ cold, at, scheduler, expectSubscriptions }) => {
      const source = cold('abc', named);
      const { log } = record(source.pipe(processWith(taking(9, 9, 9), { ...options, highWaterMark: 2 })), scheduler);
      at(3, () => {
        const { at: time, error } = log[0] as { at: number; error: OverflowError };
        expect(time).toBe(2);
        expect(error).toBeInstanceOf(OverflowError);
        expect(error.message).toBe(
          'processWith: 2 frames are waiting for the consumer, at most 2 are allowed, and nothing can pause the source. Give connect and processWith the same Flow, or let overflow reject.',
        );
        expect(options.flow?.held ?? false).toBe(false);
      });
      expectSubscriptions(source.subscriptions).toBe('^-!');
    })(),
  );

  it(
    "rejects what is above highWaterMark with overflow: 'reject', and goes on",
    marbles(({ cold, expectObservable }) => {
      const result = cold('abcd------e-|', named).pipe(
        processWith(taking(6, 3, 0, 0, 1), { highWaterMark: 2, overflow: 'reject' }),
      );
      expectObservable(result).toBe('--cd--A--B-E|', { c: overflow(2, 2), d: overflow(2, 2), A: 'A', B: 'B', E: 'E' });
    }),
  );

  it(
    'lets a frame rejected before out at once too, so that no more than highWaterMark are ever kept',
    marbles(({ cold, expectObservable }) => {
      const result = cold('axx-------|', named).pipe(processWith(taking(6), { highWaterMark: 2, overflow: 'reject' }));
      expectObservable(result).toBe('--x---(Ax)|', { ...named, A: 'A' });
    }),
  );
});

describe('processWith, reentered', () => {
  it('takes a frame that a result brings about at once, in order', () => {
    const source = new Subject<RawFrame | RejectedFrame>();
    const first = new Subject<string>();
    const results: unknown[] = [];
    source
      .pipe(processWith((f) => (f === named.a ? first : of(resultOf(f))), { concurrency: 2 }))
      .subscribe((result) => {
        results.push(isRejected(result) ? 'x' : result);
        if (result === 'A') {
          source.next(named.x);
          source.next(named.c);
          source.complete();
        }
      });
    source.next(named.a);
    source.next(named.b);
    first.next('A');
    expect(results).toStrictEqual([]);
    first.complete();
    expect(results).toStrictEqual(['A', 'B', 'x', 'C']);
  });

  it('is not left by what comes while it is unsubscribed from', () => {
    const flow = new Flow();
    const source = new Subject<RawFrame>();
    const subscription = source.pipe(processWith(() => of('r'), { flow, highWaterMark: 1 })).subscribe(() => {
      subscription.unsubscribe();
      source.next(named.b);
    });
    source.next(named.a);
    expect([flow.held, source.observed]).toStrictEqual([false, false]);
  });
});

describe('processWith and 100,000 frames', () => {
  it('whose results are there at once: the stack gets no deeper', () => {
    const many = frames(100_000);
    let inOrder = 0;
    from(many)
      .pipe(processWith((f) => of(f.sequence)))
      .subscribe((sequence) => {
        if (sequence === inOrder) inOrder += 1;
      });
    expect(inOrder).toBe(many.length);
  });

  // Where each is looked for among all, so many take minutes: the test would run into its time limit.
  it.each([true, false])('that wait for the first one, 400,000 of them (ordered: %s)', (ordered) => {
    const waiting = frames(400_000);
    const first = new Subject<number>();
    let inOrder = 0;
    from(waiting)
      .pipe(processWith((f) => (f.sequence === 0 ? first : of(f.sequence)), { ordered, highWaterMark: waiting.length }))
      .subscribe((sequence) => {
        if (sequence === inOrder) inOrder += 1;
      });
    first.next(0);
    first.complete();
    expect(inOrder).toBe(waiting.length);
  });
});

describe('processWith with promises', () => {
  it('gives what they resolve to, in order', async () => {
    const later = async (f: RawFrame) => {
      for (let turns = 3 - f.sequence; turns > 0; turns -= 1) await Promise.resolve();
      return resultOf(f);
    };
    const results$ = from(frames(3)).pipe(processWith(later, { concurrency: 3 }), toArray());
    expect(await lastValueFrom(results$)).toStrictEqual(['A', 'B', 'C']);
  });

  it('fails with what they reject with', async () => {
    const failure = new Error('the consumer failed');
    const results$ = from(frames(3)).pipe(processWith(() => Promise.reject(failure)));
    await expect(lastValueFrom(results$)).rejects.toBe(failure);
  });

  it('ignores what they resolve to after an unsubscription', async () => {
    const source = new Subject<RawFrame>();
    const results: unknown[] = [];
    const resolved = Promise.resolve('r');
    const subscription = source.pipe(processWith(() => resolved)).subscribe((result) => results.push(result));
    source.next(named.a);
    subscription.unsubscribe();
    await resolved;
    await Promise.resolve();
    expect(results).toStrictEqual([]);
  });
});

describe('processWith refuses', () => {
  const waterMark = (most: number, got: unknown) =>
    `RangeError: processWith: lowWaterMark must be an integer from 0, below highWaterMark (${most}), got ${String(got)}`;

  it.each<[unknown, string]>([
    [{ concurrency: 0 }, 'RangeError: processWith: concurrency must be a positive integer, got 0'],
    [{ concurrency: '2' }, 'TypeError: processWith: concurrency must be a positive integer, got "2"'],
    [{ concurrency: Infinity }, 'RangeError: processWith: concurrency must be a positive integer, got Infinity'],
    [{ ordered: 'no' }, 'TypeError: processWith: ordered must be true or false, got "no"'],
    [{ flow: 0 }, 'TypeError: processWith: flow must be an object with a method hold(), got 0'],
    [{ flow: '' }, 'TypeError: processWith: flow must be an object with a method hold(), got ""'],
    [{ flow: {} }, 'TypeError: processWith: flow must be an object with a method hold(), got an object'],
    [{ highWaterMark: 0 }, 'RangeError: processWith: highWaterMark must be a positive integer, got 0'],
    [{ highWaterMark: 4, lowWaterMark: 4 }, waterMark(4, 4)],
    [{ lowWaterMark: 256 }, waterMark(256, 256)],
    [{ lowWaterMark: -1 }, waterMark(256, -1)],
    [{ lowWaterMark: 1.5 }, waterMark(256, 1.5)],
    [{ overflow: 'drop' }, 'RangeError: processWith: overflow must be one of "error", "reject", got "drop"'],
    [{ overflow: 1 }, 'TypeError: processWith: overflow must be one of "error", "reject", got 1'],
    [
      { order: true },
      'TypeError: processWith: there is no option "order"; there are concurrency, ordered, flow, highWaterMark, lowWaterMark, overflow',
    ],
  ])('%j', (options, message) => {
    const call = () => processWith(() => of(1), options as ProcessWithOptions);
    expect(call).toThrow(expect.toSatisfy((error) => String(error) === message));
  });

  it('a consumer that is no function', () => {
    const call = () => processWith(undefined as unknown as () => Promise<void>);
    expect(call).toThrow(new TypeError('processWith: consume must be a function, got undefined'));
  });
});
