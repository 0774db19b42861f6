import { catchError, concat, delay, filter, map, of, throwError, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { audit } from '../operators/audit.ts';
import { decode } from '../operators/decode.ts';
import { ClosedError, GaveUpError, TimeoutError, UpgradeError } from '../operators/errors.ts';
import { reject, type RawFrame } from '../operators/frame.ts';
import { metrics } from '../operators/metrics.ts';
import { processWith } from '../operators/process-with.ts';
import { sizeGate } from '../operators/size-gate.ts';
import { lift } from '../operators/stage.ts';
import { validate } from '../operators/validate.ts';
import { genesysTypes } from '../src/genesys/payload-types.ts';
import {
  ConservationError,
  expectConserved,
  FakeMeter,
  FakeSink,
  FakeTokens,
  frames,
  marbleRunner,
  operatorContract,
  type Marbles,
} from '../src/testing/index.ts';
import { marbles } from './marbles.ts';

const numbered = (sequence: number) => frames.raw('{}', { sequence });

describe('marbleRunner', () => {
  /** Holds `actual` against `expected` at 1 ms. */
  const compare = (run: Marbles, actual: unknown, expected: unknown) =>
    run(({ cold, expectObservable }) => expectObservable(cold('-a', { a: actual })).toBe('-a', { a: expected }));
  const rejection = () => reject(frames.keepalive(), 'validate', 'schema', 'wrong');

  it.each<[string, unknown, unknown]>([
    ['raw frames of the same bytes', frames.raw('a', { sequence: 1, receivedAt: 5 }), frames.raw('a')],
    ['parsed frames of the same data', frames.keepalive({ connectionId: 'c9' }), frames.keepalive()],
    ['binary frames, whatever class the bytes have', frames.raw([1]), frames.raw(Buffer.from([1]))],
    ['a rejected frame and the expectation of one', rejection(), frames.rejected('validate', 'schema')],
    ['and one with its issues', rejection(), frames.rejected('validate', 'schema', 'wrong')],
    ['frames in arrays and objects', [{ f: numbered(1) }, 2], [{ f: numbered(2) }, 2]],
    ['errors of the same facts', Object.assign(new ClosedError(1006, ''), { openFor: 7 }), new ClosedError(1006, '')],
    ['errors with another text', new TimeoutError('a', 'token', 1), new TimeoutError('b', 'token', 1)],
    [
      'an error with a cause and one without',
      new GaveUpError('', 2, new Error('x')),
      new GaveUpError('', 2, undefined),
    ],
    ["a matcher of the runner's, which sees the frame", numbered(3), expect.objectContaining({ sequence: 3 })],
  ])('takes for equal: %s', (_, actual, expected) => compare(marbles, actual, expected)());

  it.each<[string, unknown, unknown]>([
    ['raw frames of other bytes', frames.raw('a'), frames.raw('b')],
    ['text and binary', frames.raw('a'), frames.raw([0x61])],
    ['bytes that are no text', frames.raw([0xff]), frames.raw([0xfe])],
    ['parsed frames of other data', frames.interactionUpdate({ id: 'a' }), frames.interactionUpdate({ id: 'b' })],
    ['parsed frames of other types', frames.keepalive(), frames.telephonyMedia()],
    [
      'a decoded and a parsed frame',
      frames.decoded(genesysTypes, 'keepalive', { type: 'keepalive' }),
      frames.keepalive(),
    ],
    ['a frame whose checksum was compared', frames.keepalive().withChecksum(true), frames.keepalive()],
    ['rejections by another stage', rejection(), frames.rejected('decode', 'schema')],
    ['rejections for another reason', rejection(), frames.rejected('validate', 'duplicate')],
    ['rejections with other issues', rejection(), frames.rejected('validate', 'schema', 'bad')],
    ['an array with one more', [numbered(1), 2], [numbered(1)]],
    ['an array with one less', [numbered(1)], [numbered(1), 2]],
    ['an object with another member', { f: numbered(1), g: 1 }, { f: numbered(1) }],
    [
      'errors with another cause',
      new GaveUpError('', 2, new UpgradeError('', 500)),
      new GaveUpError('', 2, new UpgradeError('', 404)),
    ],
    ['errors of other facts', new ClosedError(1006, ''), new ClosedError(1001, '')],
    ['errors of other classes', new ClosedError(1006, ''), new TimeoutError('', 'token', 1)],
    ["a matcher of the runner's that does not match", numbered(3), expect.objectContaining({ sequence: 4 })],
  ])('tells apart: %s', (_, actual, expected) => expect(compare(marbles, actual, expected)).toThrow('strictly equal'));

  it('reads like a timeline where two differ', () => {
    let seen: unknown[] = [];
    const run = marbleRunner((...pair) => {
      seen = pair;
      throw new Error('different');
    });
    const test = run(({ cold, expectObservable }) => {
      expectObservable(cold('-a--#', { a: 1 }, 'e')).toBe('-b|', { b: 2 });
    });
    expect(test).toThrow('different');
    expect(seen).toStrictEqual([
      [
        { at: 1, next: 1 },
        { at: 4, error: 'e' },
      ],
      [
        { at: 1, next: 2 },
        { at: 2, complete: true },
      ],
    ]);
  });

  it('fails where something is still scheduled after an hour', () => {
    const test = marbles(({ scheduler }) => void scheduler.schedule(() => undefined, 3_600_001));
    expect(test).toThrow('After an hour of virtual time something still runs (scheduled: 1).');
  });

  it('refuses a test that gives a promise, because nobody waits for it', () => {
    const test = marbles(async () => Promise.resolve());
    expect(test).toThrow('marbles: the test gave a promise, and virtual time does not wait for one');
  });

  it.each([
    ['is no function', undefined, 'marbleRunner: assertEqual must be a function, got undefined'],
    ['does not throw', () => false, 'marbleRunner: assertEqual must throw where two values are not deeply equal'],
  ])('refuses a way to compare that %s', (_, assertEqual, message) => {
    expect(() => marbleRunner(assertEqual as never)).toThrow(message);
  });

  it('shows the facts of a frame where none was expected, and not its bytes', () => {
    const test = compare(marbles, numbered(1), undefined);
    expect(() => test()).toThrow(
      expect.objectContaining({ actual: [{ at: 1, next: { kind: 'raw', isBinary: false, payload: '{}' } }] }),
    );
  });
});

describe('frames', () => {
  it('are what the stages make of their bytes', () => {
    const made = [frames.interactionUpdate({ id: 'i7' }), frames.telephonyMedia([1, 2]), frames.keepalive()];
    const outcomes: unknown[] = [];
    of(...made.map((frame) => frames.raw(frame.rawData, frame)))
      .pipe(decode(genesysTypes), validate())
      .subscribe((outcome) => outcomes.push(outcome));
    expect(outcomes).toStrictEqual(made);
  });

  it('have the receipt that they are given', () => {
    expect(frames.keepalive({ sequence: 7, connectionId: 'c' }).frameId).toBe('c-7');
    expect(frames.rejected('decode', 'invalid-utf8').issues).toHaveLength(1);
  });

  it.each([
    [
      'a schema',
      () => frames.parsed(genesysTypes, 'interaction.update', { id: 5 } as never),
      "must be a valid 'interaction.update'",
    ],
    [
      'no such type',
      () => frames.parsed(genesysTypes, 'nope' as 'keepalive', { type: '' }),
      "frames.parsed: 'nope' must be one of interaction.update",
    ],
    [
      'no such type',
      () => frames.decoded(genesysTypes, 'toString' as 'keepalive', {}),
      "frames.decoded: 'toString' must be one of",
    ],
    [
      'other bytes',
      () => frames.parsed(genesysTypes, 'telephony.media', Uint8Array.of(1)),
      "the data must be bytes that the matrix takes for 'telephony.media'",
    ],
    [
      'no bytes',
      () => frames.decoded(genesysTypes, 'telephony.media', { a: 1 }),
      "the data must be bytes that the matrix takes for 'telephony.media'",
    ],
    [
      'no JSON',
      () => frames.decoded(genesysTypes, 'keepalive', undefined),
      "the data of 'keepalive' must be JSON, got undefined",
    ],
    ['a place', () => frames.interactionUpdate({ routing: 5 } as never), '/routing must be object'],
  ])('that validate would not make are refused: %s', (_, make, message) => expect(make).toThrow(message));
});

describe('expectConserved', () => {
  const three = [numbered(1), numbered(2), numbered(3)] as const;
  const [a, b, c] = three;

  it(
    'lets a pipeline alone that gives one outcome for each frame',
    marbles(({ cold, expectObservable }) => {
      const x = frames.rejected('decode', 'unknown-type');
      const outcomes$ = cold('-abc|', { a, b, c }).pipe(
        expectConserved((frames$) => frames$.pipe(sizeGate(), decode(genesysTypes), validate())),
      );
      expectObservable(outcomes$).toBe('-xxx|', { x });
      expectObservable(outcomes$).toBe('-xxx|', { x });
    }),
  );

  it.each<[string, (source: Observable<RawFrame>) => Observable<RawFrame>, string, string]>([
    [
      'none',
      filter((frame) => frame !== b),
      '-a-#',
      'frame test-3 came out while test-2, which went in before it, had no outcome',
    ],
    ['none for the last', filter((frame) => frame !== c), '-ab-#', 'no outcome came of test-3'],
    ['two', (source) => concat(source, of(a)), '-abc#', 'frame test-1 has two outcomes'],
    ['one that never went in', map(() => numbered(9)), '-#', 'frame test-9 came out, and never went in'],
  ])('fails where a frame has %s', (_, pipeline, diagram, message) => {
    marbles(({ cold, expectObservable }) => {
      const seen = cold('-abc|', { a, b, c }).pipe(expectConserved(pipeline));
      expectObservable(seen).toBe(diagram, { a, b, c }, new ConservationError(message));
    })();
  });

  it('names five frames at most', () => {
    const lost: unknown[] = [];
    of(...Array.from({ length: 8 }, (_, index) => numbered(index)))
      .pipe(expectConserved(filter(() => false)))
      .subscribe({ error: (error: unknown) => lost.push((error as Error).message) });
    expect(lost).toStrictEqual(['no outcome came of test-0, test-1, test-2, test-3, test-4, and of 3 more']);
  });

  it(
    'may let the order go',
    marbles(({ cold, expectObservable }) => {
      const swap = processWith((frame: RawFrame) => of(frame).pipe(delay(frame === a ? 5 : 1)), {
        ordered: false,
        concurrency: 2,
      });
      const source = cold('-ab|', { a, b });
      const error = new ConservationError(
        'frame test-2 came out while test-1, which went in before it, had no outcome',
      );
      expectObservable(source.pipe(expectConserved(swap))).toBe('---#', undefined, error);
      expectObservable(source.pipe(expectConserved(swap, { ordered: false }))).toBe('---b--(a|)', { a, b });
    }),
  );

  it(
    "passes its source's error on",
    marbles(({ cold, expectObservable }) => {
      const lossy = filter((frame: RawFrame) => frame !== a);
      expectObservable(cold('-a#', { a }).pipe(expectConserved(lossy))).toBe('--#');
    }),
  );

  it('refuses options that it does not have', () => {
    expect(() => expectConserved(sizeGate(), { order: false } as never)).toThrow(TypeError);
  });
});

describe('operatorContract', () => {
  const source = () => [numbered(1), numbered(2)];
  /** Counts in the operator, where it has to count in each subscription. */
  const firstTwo = () => {
    let count = 0;
    return filter(() => ++count <= 2);
  };
  /** Rejects what any subscription has seen. */
  const known = new Set<string>();
  const seenBefore = lift((frame: RawFrame) => {
    if (known.has(frame.frameId)) return reject(frame, 'seen', 'seen', 'seen before');
    known.add(frame.frameId);
    return frame;
  });
  const failing = (operator: Parameters<typeof operatorContract>[1]) =>
    operatorContract(marbles, operator, source)
      .filter(({ test }) => {
        try {
          test();
          return false;
        } catch {
          return true;
        }
      })
      .map(({ title }) => title);

  it('wants two frames at least', () => {
    expect(() =>
      operatorContract(
        marbles,
        () => sizeGate(),
        () => [numbered(1)],
      ),
    ).toThrow('operatorContract: makeFrames must give at least two frames, and gave 1');
  });

  it('passes an operator of the package', () => expect(failing(() => sizeGate())).toStrictEqual([]));

  it.each<[string, Parameters<typeof operatorContract>[1], string]>([
    [
      'loses its place',
      () => filter((_, index) => index > 0),
      'gives one outcome for each frame, at once, and completes with its source',
    ],
    [
      'is late',
      (scheduler) => delay(1, scheduler),
      'gives one outcome for each frame, at once, and completes with its source',
    ],
    [
      'wraps the error',
      () => catchError((cause: unknown) => throwError(() => new Error('failed', { cause }))),
      "passes its source's error on, the same object",
    ],
    ['remembers for all subscriptions', () => seenBefore, 'starts anew with each subscription'],
    ['keeps its state between subscriptions', () => firstTwo(), 'starts anew with each subscription'],
    [
      'copies a rejected frame',
      () => map((frame: object) => Object.create(frame) as object),
      'passes a frame rejected before on untouched',
    ],
  ])('finds one that %s', (_, operator, title) => expect(failing(operator)).toContain(title));

  it('finds a timer that outlives the subscription', () => {
    const leaky: Parameters<typeof operatorContract>[1] = (scheduler) => (input) => {
      scheduler.schedule(() => undefined, 1_000);
      return input;
    };
    expect(failing(leaky)).toContain('leaves nothing running after an unsubscription');
  });
});

describe('the fakes', () => {
  it('keep what they were told, and count', () => {
    const meter = new FakeMeter();
    const sink = new FakeSink();
    const [ok, bad] = [frames.keepalive(), frames.rejected('decode', 'malformed-json')];
    of(ok, bad).pipe(metrics(meter), audit(sink)).subscribe();
    expect(meter.outcomes).toStrictEqual([ok, bad]);
    expect(meter.snapshot()).toMatchObject({ frames: 2, rejected: 1 });
    expect(sink.records.map(({ outcome }) => outcome)).toStrictEqual(['accepted', 'rejected']);
  });

  it('give a token until it is invalidated', () => {
    const tokens = new FakeTokens();
    const given: string[] = [];
    const ask = () => tokens.token().subscribe((token) => given.push(token));
    ask();
    ask();
    tokens.invalidate('token-1');
    tokens.invalidate('token-1');
    ask();
    tokens.invalidate();
    ask();
    expect(given).toStrictEqual(['token-1', 'token-1', 'token-2', 'token-3']);
    expect(tokens.invalidated).toStrictEqual(['token-1', 'token-2']);
  });
});
