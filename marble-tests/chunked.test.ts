import { asyncScheduler, concatMap, EMPTY, map, mergeMap, Observable, of, pipe, share, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { chunked, type ChunkedFrame, type ChunkedOptions } from '../operators/chunked.ts';
import { isRejected, type RawFrame, type RejectedFrame } from '../operators/frame.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, record, rejectedFrame, stageContract } from './marbles.ts';

/** The chunks of one payload, in one Observable. */
function chunksOf(payload: Uint8Array, options?: ChunkedOptions): Observable<Uint8Array> {
  return of(raw(payload)).pipe(
    chunked<RawFrame>(options),
    concatMap((outcome) => {
      if (isRejected(outcome)) throw new Error('not a frame');
      return outcome.chunks$;
    }),
  );
}

const numbered = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);

describe('chunked', () => {
  it(
    'gives the frame and its payload in chunks, in order, the last one shorter',
    marbles(({ scheduler, at }) => {
      const seen = record(chunksOf(numbered(7), { chunkBytes: 3, scheduler }), scheduler);
      at(1, () =>
        expect(seen.log).toStrictEqual([
          { at: 0, next: Uint8Array.of(0, 1, 2) },
          { at: 0, next: Uint8Array.of(3, 4, 5) },
          { at: 0, next: Uint8Array.of(6) },
          { at: 0, complete: true },
        ]),
      );
    }),
  );

  it(
    'lets the chunks of a frame come when they are asked for, and rejected frames through',
    diagram(
      'chunked',
      {
        call: 'chunked({ chunkBytes: 3, scheduler })',
        labels: ['in', 'out', 'A.chunks$'],
        describe: (value: RawFrame | ChunkedFrame<RawFrame> | Uint8Array) =>
          value instanceof Uint8Array
            ? `${value.length} of its bytes`
            : 'frame' in value
              ? 'the frame, and its chunks$'
              : `${value.byteLength} bytes`,
      },
      ({ cold, expectObservable, scheduler }) => {
        const [a, x] = [raw(numbered(7)), rejectedFrame()];
        const A: ChunkedFrame<RawFrame> = { frame: a, chunks$: expect.any(Observable) as Observable<Uint8Array> };
        const result = cold('--a----x--|', { a, x }).pipe(chunked({ chunkBytes: 3, scheduler }), share());
        const chunks = result.pipe(mergeMap((outcome) => (isRejected(outcome) ? EMPTY : outcome.chunks$)));
        expectObservable(result).toBe('--A----x--|', { A, x });
        expectObservable(chunks).toBe('--(pqr)---|', {
          p: Uint8Array.of(0, 1, 2),
          q: Uint8Array.of(3, 4, 5),
          r: Uint8Array.of(6),
        });
      },
    ),
  );

  it.each<[number, number, readonly number[]]>([
    [0, 4, []],
    [1, 4, [1]],
    [4, 4, [4]],
    [5, 4, [4, 1]],
    [8, 4, [4, 4]],
    [3, 1, [1, 1, 1]],
  ])('makes of %i bytes in chunks of %i: %j', (length, chunkBytes, sizes) =>
    marbles(({ scheduler, at }) => {
      const seen = record(chunksOf(numbered(length), { chunkBytes, scheduler }).pipe(toArray()), scheduler);
      at(1, () => {
        const chunks = seen.log[0]?.next as Uint8Array[];
        expect(chunks.map((chunk) => chunk.length)).toStrictEqual(sizes);
        expect(Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))).toStrictEqual(numbered(length));
      });
    })(),
  );

  it(
    'completes in the turn of its last chunk',
    marbles(({ scheduler, at }) => {
      const log: string[] = [];
      chunksOf(numbered(4), { chunkBytes: 4, scheduler }).subscribe({
        next: () => {
          log.push('chunk');
          scheduler.schedule(() => log.push('next turn'));
        },
        complete: () => log.push('complete'),
      });
      at(1, () => expect(log).toStrictEqual(['chunk', 'complete', 'next turn']));
    }),
  );

  it(
    'gives chunks of 64 KiB by default',
    marbles(({ scheduler, at }) => {
      const seen = record(chunksOf(numbered(150_000)), scheduler);
      at(1, () => {
        const sizes = seen.log.map(({ next }) => (next as Uint8Array | undefined)?.length);
        expect(sizes).toStrictEqual([65_536, 65_536, 18_928, undefined]);
      });
    }),
  );

  it(
    'gives views, not copies',
    marbles(({ cold, scheduler, at }) => {
      const frame = raw(numbered(5));
      const chunks: Uint8Array[] = [];
      cold('f|', { f: frame })
        .pipe(
          chunked<RawFrame>({ chunkBytes: 2, scheduler }),
          concatMap((outcome) => (outcome as ChunkedFrame<RawFrame>).chunks$),
        )
        .subscribe((chunk) => chunks.push(chunk));
      at(1, () => {
        expect(chunks.map((chunk) => chunk.byteOffset)).toStrictEqual([0, 2, 4]);
        chunks.forEach((chunk) => expect(chunk.buffer).toBe(frame.rawData.buffer));
      });
    }),
  );

  it(
    'makes no chunk before it is subscribed to, and all of them anew for each subscriber',
    marbles(({ scheduler, at, pending }) => {
      const frames: ChunkedFrame<RawFrame>[] = [];
      of(raw(numbered(3)))
        .pipe(chunked<RawFrame>({ chunkBytes: 2, scheduler }))
        .subscribe((outcome) => frames.push(outcome as ChunkedFrame<RawFrame>));
      expect(frames).toHaveLength(1);
      expect(pending(), 'actions scheduled').toBe(0);
      const chunks$ = frames[0]!.chunks$;
      const first = record(chunks$, scheduler);
      at(5, () => {
        const second = record(chunks$, scheduler);
        at(6, () => {
          expect(first.log).toHaveLength(3);
          expect(second.log.map(({ next }) => next)).toStrictEqual(first.log.map(({ next }) => next));
        });
      });
    }),
  );

  it(
    'does not keep a timer that is due waiting for its chunks, by default',
    marbles(({ at }) => {
      const order: string[] = [];
      let left = 2;
      asyncScheduler.schedule(function () {
        order.push('timer');
        if ((left -= 1) > 0) this.schedule();
      });
      chunksOf(numbered(2), { chunkBytes: 1 }).subscribe(() => order.push('chunk'));
      at(1, () => expect(order).toStrictEqual(['timer', 'timer', 'chunk', 'chunk']));
    }),
  );

  it(
    'leaves nothing running once its chunks are unsubscribed from, in the middle of a payload',
    marbles(({ scheduler, at, pending }) => {
      const seen = record(chunksOf(numbered(10), { chunkBytes: 1, scheduler }).pipe(take(2)), scheduler);
      const never = record(chunksOf(numbered(10), { chunkBytes: 1, scheduler }), scheduler);
      never.subscription.unsubscribe();
      at(1, () => {
        expect(seen.log).toHaveLength(3);
        expect(never.log).toHaveLength(0);
        expect(pending(), 'actions still scheduled').toBe(0);
      });
    }),
  );

  it.each<[unknown, string]>([
    [{ chunkBytes: 0 }, 'RangeError: chunked: chunkBytes must be a positive integer, got 0'],
    [{ chunkBytes: Infinity }, 'RangeError: chunked: chunkBytes must be a positive integer, got Infinity'],
    [{ chunkBytes: '1' }, 'TypeError: chunked: chunkBytes must be a positive integer, got "1"'],
    [{ scheduler: {} }, 'TypeError: chunked: scheduler must be an object with a method schedule(), got an object'],
    [{ size: 1 }, 'TypeError: chunked: there is no option "size"; there are chunkBytes, scheduler'],
  ])('refuses %j', (options, message) => {
    expect(() => chunked(options as ChunkedOptions)).toThrow(expect.toSatisfy((error) => String(error) === message));
  });
});

/** The chunks have tests of their own above, and no two Observables are equal. */
const frameOnly = map((outcome: ChunkedFrame<RawFrame> | RejectedFrame) =>
  isRejected(outcome) ? outcome : outcome.frame,
);

stageContract(
  'chunked',
  (scheduler) => pipe(chunked<RawFrame>({ scheduler }), frameOnly),
  () => [raw('a'), raw('b', { sequence: 1 })],
);
