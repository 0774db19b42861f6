import fc from 'fast-check';
import { defer, EMPTY, NEVER, Observable, of, Subject, take, throwError, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { isRejected, type RawFrame, type RejectedFrame } from '../operators/frame.ts';
import { handover, type HandoverOptions, type HandoverState } from '../operators/handover.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, record, rejectedFrame, rejectedWith, stageContract } from './marbles.ts';

const identity = (frame: RawFrame) => new TextDecoder().decode(frame.rawData);
const failure = new Error('the connection failed');
const events: Record<string, RawFrame> = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e'].map((event, sequence) => [event, raw(event, { sequence })]),
);
/** What comes out: a letter is the frame of that event, `x` a duplicate. */
const outcomes = { ...events, x: rejectedWith('handover', 'duplicate', 'the other connection delivered it') };

/** A source that is another connection each time it is subscribed to. */
function oneAfterTheOther(...connections: readonly Observable<RawFrame | RejectedFrame>[]) {
  const left = [...connections];
  return defer(() => left.shift() ?? throwError(() => new Error('one connection too many')));
}

stageContract(
  'handover',
  (scheduler) => handover<RawFrame>({ when$: NEVER, scheduler }),
  () => [raw('a'), raw('a', { sequence: 1 })],
);

describe('handover', () => {
  it(
    'makes the next connection before it breaks the present one: no gap, no duplicate',
    diagram(
      'handover',
      { call: 'handover({ when$, overlap: 5, identity })', labels: ['present', 'when$', 'next', 'out'] },
      ({ cold, hot, expectObservable, expectSubscriptions }) => {
        const present = cold('--a--b--c--d-----', events);
        const when$ = hot('   -------s---------');
        const next = cold('          ---c--d--e--', events);
        const out = '         --a--b--c-xd-x--e--';
        const result = oneAfterTheOther(present, next).pipe(handover({ when$, overlap: 5, identity }));
        expectObservable(result, '^-----------------------!').toBe(out, outcomes);
        expectSubscriptions(present.subscriptions).toBe('^--------------!');
        expectSubscriptions(next.subscriptions).toBe('   -------^----------------!');
      },
    ),
  );

  it(
    'lets what only the next connection has brought wait for the present one, so that the order is kept',
    marbles(({ cold, hot, expectObservable }) => {
      const present = cold('a--------b--c-------', events);
      const when$ = hot('   -s------------------');
      const next = cold('    ------c---d---e', events);
      const held = '         a--------b--cx---d-e';
      const atOnce = '       a------c-b-dx--e';
      const overlapping = { when$, overlap: 12, identity };
      expectObservable(oneAfterTheOther(present, next).pipe(handover({ ...overlapping, hold: 6 })), '^ 30ms !').toBe(
        held,
        outcomes,
      );
      expectObservable(oneAfterTheOther(present, next).pipe(handover(overlapping)), '^ 30ms !').toBe(atOnce, outcomes);
    }),
  );

  it(
    'compares whole payloads by default, and overlaps for 5 s',
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const present = cold('---a', events);
      const next = cold('    ---a', { a: raw('a', { connectionId: 'c2' }) });
      const result = oneAfterTheOther(present, next).pipe(handover({ when$: hot('-s') }));
      expectObservable(result, '^ 6s !').toBe('---ax', outcomes);
      expectSubscriptions(present.subscriptions).toBe('^ 5003ms !');
    }),
  );

  it(
    'reports its course, and is done when the former connection is gone',
    marbles(({ cold, hot, at, scheduler }) => {
      const present = cold('-', events);
      const seen: unknown[] = [];
      const next = ({ status }: HandoverState) =>
        seen.push([scheduler.now(), status, present.subscriptions[0]?.unsubscribedFrame]);
      const result = oneAfterTheOther(present, cold('--a', events)).pipe(
        handover({ when$: hot('-s'), overlap: 5, state: { next } }),
      );
      const subscription = result.subscribe();
      at(50, () => {
        subscription.unsubscribe();
        expect(seen).toStrictEqual([
          [1, 'started', Infinity],
          [3, 'overlapping', Infinity],
          [8, 'done', 8],
        ]);
      });
    }),
  );

  it(
    'ignores a signal during a handover, and heeds the next one after it',
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const first = cold(' a---------', events);
      const second = cold('  --b-----', events);
      const third = cold('            --c', events);
      const when$ = hot('  --s-s-s-----s');
      const result = oneAfterTheOther(first, second, third).pipe(handover({ when$, overlap: 5, identity }));
      expectObservable(result, '^-------------------!').toBe('a---b---------c', outcomes);
      expectSubscriptions(first.subscriptions).toBe(' ^--------!');
      expectSubscriptions(second.subscriptions).toBe('--^----------------!');
      expectSubscriptions(third.subscriptions).toBe(' ------------^-------!');
    }),
  );

  it(
    'waits for the first frame of the next connection, however long that takes',
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const present = cold('a 99ms b', events);
      const next = cold('    101ms b', events);
      const result = oneAfterTheOther(present, next).pipe(handover({ when$: hot('s'), overlap: 5, identity }));
      expectObservable(result, '^ 200ms !').toBe('a 99ms bx', outcomes);
      expectSubscriptions(present.subscriptions).toBe('^ 105ms !');
    }),
  );

  it(
    'passes frames rejected before on untouched, from both connections',
    marbles(({ cold, hot, at, scheduler }) => {
      const [r, q] = [rejectedFrame(), rejectedFrame()];
      const result = oneAfterTheOther(cold('--r', { r }), cold('--q', { q })).pipe(
        handover({ when$: hot('-s'), overlap: 5, identity, scheduler }),
      );
      const { log, subscription } = record(result, scheduler);
      at(5, () => {
        expect([log[0]?.next === r, log[1]?.next === q, log.length]).toStrictEqual([true, true, 2]);
        subscription.unsubscribe();
      });
    }),
  );

  it(
    'lets an event that was sent twice through twice',
    marbles(({ cold, hot, expectObservable }) => {
      const present = cold('--aa', events);
      const next = cold('   ----aa', events);
      const result = oneAfterTheOther(present, next).pipe(handover({ when$: hot('s'), overlap: 5, identity }));
      expectObservable(result, '^---------!').toBe('--aaxx', outcomes);
    }),
  );

  it(
    'knows late copies of what the former connection delivered; the same event sent anew is none',
    marbles(({ cold, hot, expectObservable }) => {
      // The former one is let go at 7.
      const present = cold('-a---b', events);
      const next = cold('   --c------b--b---a', events);
      const out = '         -ac--b---x--b---a';
      const result = oneAfterTheOther(present, next).pipe(handover({ when$: hot('s'), overlap: 5, identity }));
      expectObservable(result, '^--------------------!').toBe(out, outcomes);
    }),
  );

  it(
    'does not take an event for a duplicate that was sent before the next connection listened, and now anew',
    marbles(({ cold, hot, expectObservable }) => {
      // The next one needs 20 ms to connect; the present one is let go at 26.
      const present = cold('-a 18ms c', events);
      const next = cold('         21ms c 6ms a', events);
      const result = oneAfterTheOther(present, next).pipe(handover({ when$: hot('s'), overlap: 5, identity }));
      expectObservable(result, '^ 40ms !').toBe('-a 18ms cx 6ms a', outcomes);
    }),
  );

  describe('where one connection ends during it', () => {
    it.each([
      ['completes before the next one delivers', 'a---|', '----b--|', 'a-----b--|'],
      ['fails before the next one delivers', 'a---#', '----b--|', 'a-----b--|'],
      ['completes while both deliver', 'a---|', '-b---|', 'a--b---|'],
      ['fails while both deliver', 'a---#', '-b---|', 'a--b---|'],
      ['fails having delivered what the next one is yet to', 'a--b#', '----b--|', 'a--b--x--|'],
    ])('goes on with the next one, to its end, when the present one %s', (_, present, next, out) =>
      marbles(({ cold, hot, expectObservable }) => {
        const connections = [cold(present, events, failure), cold(next, events)];
        const result = oneAfterTheOther(...connections).pipe(handover({ when$: hot('--s'), overlap: 5, identity }));
        expectObservable(result).toBe(out, outcomes);
      })(),
    );

    it.each([
      ['completes before it delivers', '--|', 'a-----b-|'],
      ['fails before it delivers', '--#', 'a-----b-|'],
      ['completes at once', '|', 'a-----b-|'],
      ['completes after it delivered', '-c|', 'a--c--b-|'],
      ['fails after it delivered', '-c#', 'a--c--b-|'],
      ['fails having delivered what the present one is yet to', '-b#', 'a--b--x-|'],
    ])('goes on with the present one when the next one %s', (_, next, out) =>
      marbles(({ cold, hot, expectObservable }) => {
        const connections = [cold('a-----b-|', events), cold(next, events, failure)];
        const result = oneAfterTheOther(...connections).pipe(handover({ when$: hot('--s'), overlap: 5, identity }));
        expectObservable(result).toBe(out, outcomes);
      })(),
    );

    it(
      'reports that it was abandoned, with the cause where there is one, and heeds the next signal',
      marbles(({ cold, hot, at, scheduler }) => {
        const seen: HandoverState[] = [];
        const state = { next: (now: HandoverState) => void seen.push(now) };
        oneAfterTheOther(cold('----------|', events), cold('#', events, failure), cold('-|', events))
          .pipe(handover({ when$: hot('-s-s'), overlap: 5, state, scheduler }))
          .subscribe();
        at(20, () =>
          expect(seen).toStrictEqual([
            { status: 'started' },
            { status: 'abandoned', cause: failure },
            { status: 'started' },
            { status: 'abandoned' },
          ]),
        );
      }),
    );
  });

  describe('begun again soon after another', () => {
    // The first connection is let go at 7, having delivered b at 5.
    const first = '-a---b';

    it(
      'still knows what the former connection delivered',
      marbles(({ cold, hot, expectObservable }) => {
        const when$ = hot('           s-------s');
        const second = cold('         --a------b', events);
        const third = cold('                  ---c', events);
        const out = '                 -ax--b---x-c';
        const result = oneAfterTheOther(cold(first, events), second, third).pipe(
          handover({ when$, overlap: 5, identity }),
        );
        expectObservable(result, '^-------------------!').toBe(out, outcomes);
      }),
    );

    it(
      'still knows it after it was abandoned',
      marbles(({ cold, hot, expectObservable }) => {
        const when$ = hot('           s-------s');
        const second = cold('         --a-------b', events);
        const third = cold('                  -#', events, failure);
        const out = '                 -ax--b----x';
        const result = oneAfterTheOther(cold(first, events), second, third).pipe(
          handover({ when$, overlap: 5, identity }),
        );
        expectObservable(result, '^-------------------!').toBe(out, outcomes);
      }),
    );
  });

  describe('when$', () => {
    it(
      'fails the stream with its error, and all connections are let go',
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const [present, next] = [cold('a----', events), cold('--b---', events)];
        const when$ = hot('-s---#', undefined, failure);
        const result = oneAfterTheOther(present, next).pipe(handover({ when$, overlap: 5, identity }));
        expectObservable(result).toBe('a--b-#', outcomes, failure);
        expectSubscriptions(present.subscriptions).toBe('^----!');
        expectSubscriptions(next.subscriptions).toBe('-^---!');
      }),
    );

    it(
      'may complete: no more handovers, and no end of the stream',
      marbles(({ cold, expectObservable }) => {
        expectObservable(cold('a----b-|', events).pipe(handover({ when$: EMPTY }))).toBe('a----b-|', outcomes);
      }),
    );

    it(
      'may signal at once',
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const [present, next] = [cold('a----', events), cold('--b---', events)];
        const result = oneAfterTheOther(present, next).pipe(handover({ when$: of('now'), overlap: 2, identity }));
        expectObservable(result, '^-------!').toBe('a-b', outcomes);
        expectSubscriptions(present.subscriptions).toBe('^---!');
      }),
    );

    it('makes no connection where the stream has ended before it signals at once', () => {
      let connections = 0;
      defer(() => {
        connections += 1;
        return of(raw('a'));
      })
        .pipe(handover({ when$: of('now') }))
        .subscribe();
      expect(connections).toBe(1);
    });
  });

  describe('identity', () => {
    it(
      'that is undefined makes no duplicate',
      marbles(({ cold, hot, expectObservable }) => {
        const connections = [cold('--a', events), cold('---a', events)];
        const options = { when$: hot('s'), overlap: 5, identity: () => undefined };
        expectObservable(oneAfterTheOther(...connections).pipe(handover(options)), '^---!').toBe('--aa', outcomes);
      }),
    );

    it(
      'is asked for only where two connections may deliver the same',
      marbles(({ cold, hot, at, scheduler }) => {
        const asked: string[] = [];
        const noting = (frame: RawFrame) => {
          asked.push(identity(frame));
          return identity(frame);
        };
        // At the signal, a is older than the overlap. The present one is let go at 14; all is forgotten at 19.
        const present = cold('-a-b', events);
        const next = cold('          --c-------d------e', events);
        const result = oneAfterTheOther(present, next).pipe(
          handover({ when$: hot('-------s'), overlap: 5, identity: noting, scheduler }),
        );
        const { subscription } = record(result, scheduler);
        at(30, () => {
          expect(asked).toStrictEqual(['b', 'c', 'd']);
          subscription.unsubscribe();
        });
      }),
    );

    const throwing = () => {
      throw failure;
    };

    it(
      'that throws fails the stream, and is not asked where there is nothing to compare',
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const [present, next] = [cold('a----b--', events), cold('-', events)];
        const options = { when$: hot('---s'), overlap: 2, identity: throwing };
        expectObservable(oneAfterTheOther(present, next).pipe(handover(options))).toBe('a----#', outcomes, failure);
        expectSubscriptions(next.subscriptions).toBe('---^-!');
      }),
    );

    it(
      'that throws for what was delivered before the signal fails the stream then',
      marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
        const [present, next] = [cold('a-------', events), cold('-', events)];
        const options = { when$: hot('---s'), overlap: 4, identity: throwing };
        expectObservable(oneAfterTheOther(present, next).pipe(handover(options))).toBe('a--#', outcomes, failure);
        expectSubscriptions(next.subscriptions).toBe([]);
      }),
    );
  });

  it(
    'knows what the present connection delivered before the signal, where the next one lags',
    marbles(({ cold, hot, expectObservable }) => {
      const [present, next] = [cold('-ab-----', events), cold('  -ab--c', events)];
      const result = oneAfterTheOther(present, next).pipe(handover({ when$: hot('---s'), overlap: 4, identity }));
      expectObservable(result, '^----------!').toBe('-ab-xx--c', outcomes);
    }),
  );

  it(
    'knows in a second handover what was matched in the first, where the third connection lags',
    marbles(({ cold, hot, expectObservable }) => {
      const connections = [cold('-b---a---', events), cold('-b----a--', events), cold('-a-------', events)];
      const result = oneAfterTheOther(...connections).pipe(handover({ when$: hot('-s------s'), overlap: 4, identity }));
      expectObservable(result, '^----------!').toBe('-bx--a-x-x', outcomes);
    }),
  );

  describe('leaves nothing running when it is unsubscribed from', () => {
    // The signal comes at 2, the next one delivers from 4 on, the former one is let go at 9, all is forgotten at 14.
    it.each([
      ['before a handover', 1],
      ['before the next connection delivers', 3],
      ['while both deliver', 6],
      ['while late copies are known', 11],
      ['afterwards', 16],
    ])('%s', (_, time) =>
      marbles(({ cold, at, pending, scheduler }) => {
        const when$ = new Subject<void>();
        const [present, next] = [cold('a-a-a-a-a-a-a-a-a-a-a-a', events), cold('--b-b-b-b-b-b-b-b-b-b', events)];
        const { subscription } = record(
          oneAfterTheOther(present, next).pipe(handover({ when$, overlap: 5, scheduler })),
          scheduler,
        );
        if (time > 2) at(2, () => when$.next());
        at(time, () => {
          subscription.unsubscribe();
          expect([pending(), when$.observed]).toStrictEqual([0, false]);
          for (const { subscriptions } of [present, next]) {
            expect(subscriptions.map(({ unsubscribedFrame }) => unsubscribedFrame)).not.toContain(Infinity);
          }
        });
      })(),
    );

    // Looked at a moment later: a timer that were left would still be running.
    it.each([
      ['started', 3],
      ['overlapping', 3],
      ['done', 8],
      ['abandoned', 3],
    ])('while it reports that it is %s', (status, time) =>
      marbles(({ cold, hot, at, pending, scheduler }) => {
        const [present, next] = [
          cold('-', events),
          status === 'abandoned' ? cold('-#', events, failure) : cold('-b', events),
        ];
        const state = { next: (now: HandoverState) => now.status === status && subscription.unsubscribe() };
        const subscription = oneAfterTheOther(present, next)
          .pipe(handover({ when$: hot('-s'), overlap: 5, scheduler, state }))
          .subscribe();
        at(time, () => {
          expect([subscription.closed, pending()]).toStrictEqual([true, 0]);
          for (const { subscriptions } of [present, next]) {
            expect(subscriptions.map(({ unsubscribedFrame }) => unsubscribedFrame)).not.toContain(Infinity);
          }
        });
      })(),
    );
  });

  describe('with sources that emit while they are being subscribed to', () => {
    const endless = (event: string, count: { emitted: number }) =>
      new Observable<RawFrame>((subscriber) => {
        while (!subscriber.closed) {
          count.emitted += 1;
          subscriber.next(raw(event));
        }
      });

    it('stops the present one', () => {
      const count = { emitted: 0 };
      endless('a', count)
        .pipe(handover({ when$: NEVER }), take(2))
        .subscribe();
      expect(count.emitted).toBe(2);
    });

    it('stops the next one', () => {
      const count = { emitted: 0 };
      const when$ = new Subject<void>();
      oneAfterTheOther(NEVER, endless('a', count)).pipe(handover({ when$ }), take(3)).subscribe();
      when$.next();
      expect(count.emitted).toBe(3);
    });

    it(
      'goes on with the present one after a next one that was over at once',
      marbles(({ cold, hot, expectObservable }) => {
        const result = oneAfterTheOther(cold('-----a-|', events), of(raw('a'))).pipe(
          handover({ when$: hot('-s'), overlap: 5, identity }),
        );
        expectObservable(result).toBe('-a---x-|', { ...outcomes, a: raw('a') });
      }),
    );
  });

  it(
    'keeps the state of each subscription apart',
    marbles(({ cold, expectObservable }) => {
      let made = 0;
      const source = defer(() => cold((made += 1) % 2 === 1 ? '--a' : '---a', events));
      const result = source.pipe(handover({ when$: of('now'), overlap: 5, identity }));
      expectObservable(result, '^--------!').toBe('    --ax', outcomes);
      expectObservable(result, '----^--------!').toBe('------ax', outcomes);
    }),
  );

  const ms = 'a number of milliseconds, above 0 and at most 2147483647';
  const noObject = (option: string, method: string, got: string) =>
    `TypeError: handover: ${option} must be an object with a method ${method}(), got ${got}`;
  it.each<[unknown, string]>([
    [{}, noObject('when$', 'subscribe', 'undefined')],
    [{ when$: 5 }, noObject('when$', 'subscribe', '5')],
    [{ when$: NEVER, overlap: 0 }, `RangeError: handover: overlap must be ${ms}, got 0`],
    [{ when$: NEVER, overlap: '5' }, `TypeError: handover: overlap must be ${ms}, got "5"`],
    [{ when$: NEVER, identity: 'id' }, 'TypeError: handover: identity must be a function, got "id"'],
    [{ when$: NEVER, state: {} }, noObject('state', 'next', 'an object')],
    [{ when$: NEVER, scheduler: {} }, noObject('scheduler', 'schedule', 'an object')],
    [
      { when: NEVER },
      'TypeError: handover: there is no option "when"; there are when$, overlap, hold, identity, state, scheduler',
    ],
  ])('refuses %o', (options, message) => {
    const call = () => handover(options as HandoverOptions<RawFrame>);
    expect(call).toThrow(expect.toSatisfy((error) => String(error) === message));
  });
});

describe('handover, whatever happens when', () => {
  const OVERLAP = 100;
  /** A frame comes at most so late: by more than half an overlap a copy could be told from an event sent anew no more. */
  const lag = fc.nat(40);

  /** Events, each of which may be sent a second time, close to the first or well after it. */
  const sent = fc
    .array(
      fc.record({
        at: fc.nat(1_500),
        again: fc.option(fc.oneof(fc.nat(40), fc.integer({ min: 200, max: 600 })), { nil: undefined }),
      }),
      { maxLength: 40, size: 'max' },
    )
    .map((sendings) =>
      sendings
        .flatMap(({ at, again }, id) => [{ at, id }, ...(again === undefined ? [] : [{ at: at + again, id }])])
        .sort((a, b) => a.at - b.at),
    );

  const signals = fc.array(fc.nat(2_000), { maxLength: 8 });
  const lags = fc.array(lag, { minLength: 1 });
  /** For how long each next connection is not open yet. */
  const delays = fc.array(fc.oneof(fc.constant(0), fc.nat(400)), { minLength: 1, maxLength: 8 });

  /** What comes out, in order, of connections that bring the same, each late in its own way. */
  function seenOf(
    sendings: readonly { readonly at: number; readonly id: number }[],
    [times, lagging, opening]: readonly [readonly number[], readonly number[], readonly number[]],
    options: Partial<HandoverOptions<RawFrame>>,
  ): readonly number[] {
    const scheduler = new VirtualTimeScheduler();
    let connections = 0;
    let draws = 0;
    const connection$ = new Observable<RawFrame>((subscriber) => {
      const delay = connections === 0 ? 0 : (opening[connections % opening.length] as number);
      const connectionId = `c${(connections += 1)}`;
      const listensFrom = scheduler.now() + delay;
      let last = 0;
      for (const [sequence, { at, id }] of sendings.entries()) {
        last = Math.max(last, at + (lagging[(draws += 1) % lagging.length] as number));
        if (last < listensFrom) continue;
        const frame = raw(String(id), { connectionId, sequence });
        subscriber.add(scheduler.schedule(() => subscriber.next(frame), last - scheduler.now()));
      }
    });
    const when$ = new Subject<void>();
    for (const time of times) scheduler.schedule(() => when$.next(), time);
    const seen: number[] = [];
    connection$.pipe(handover({ when$, overlap: OVERLAP, identity, scheduler, ...options })).subscribe((outcome) => {
      if (!isRejected(outcome)) seen.push(Number(identity(outcome)));
    });
    scheduler.flush();
    return seen;
  }

  it.each([0, 50])('lets each event out exactly as often as it was sent, with a hold of %i ms', (hold) => {
    fc.assert(
      fc.property(sent, signals, lags, delays, (sendings, ...times) => {
        const inOrder = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);
        expect(inOrder(seenOf(sendings, times, { hold }))).toStrictEqual(inOrder(sendings.map(({ id }) => id)));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the order, where none lags by more than the hold', () => {
    const once = fc
      .array(fc.nat(1_500), { maxLength: 40, size: 'max' })
      .map((times) => times.sort((a, b) => a - b).map((at, id) => ({ at, id })));
    fc.assert(
      fc.property(once, signals, lags, delays, (sendings, ...times) => {
        expect(seenOf(sendings, times, { hold: 90 })).toStrictEqual(sendings.map(({ id }) => id));
      }),
      { numRuns: 300 },
    );
  });
});
