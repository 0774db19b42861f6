import { map, type NextObserver } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { AnyFrame } from '../operators/frame.ts';
import { sizeGate, type LargeFrameNotice, type SizeGateOptions } from '../operators/size-gate.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, rejectedWith, stageContract } from './marbles.ts';

const bytes = (length: number, sequence = 0) => raw(new Uint8Array(length), { sequence });
const size = ({ byteLength }: AnyFrame) => `${byteLength} bytes`;

describe('sizeGate', () => {
  it(
    'rejects what is larger than maxBytes and goes on',
    diagram('size-gate', { call: 'sizeGate({ maxBytes: 10 })', describe: size }, ({ cold, expectObservable }) => {
      const [a, b, c] = [bytes(10), bytes(11, 1), bytes(0, 2)];
      expectObservable(cold('--a--b--c--|', { a, b, c }).pipe(sizeGate({ maxBytes: 10 }))).toBe('--a--x--c--|', {
        a,
        x: rejectedWith('size-gate', 'oversize', '11 bytes, at most 10 are allowed'),
        c,
      });
    }),
  );

  it(
    'lets 5 MiB through by default, and no byte more',
    marbles(({ cold, expectObservable }) => {
      const [a, b] = [bytes(5_242_880), bytes(5_242_881, 1)];
      const shortly = map(({ kind, byteLength }: AnyFrame) => [kind, byteLength]);
      expectObservable(cold('ab|', { a, b }).pipe(sizeGate(), shortly)).toBe('ax|', {
        a: ['raw', 5_242_880],
        x: ['rejected', 5_242_881],
      });
    }),
  );

  it(
    'passes the same object on, not a copy',
    marbles(({ cold, at }) => {
      const a = bytes(3);
      const seen: unknown[] = [];
      cold('a|', { a })
        .pipe(sizeGate())
        .subscribe((frame) => seen.push(frame));
      at(1, () => {
        expect(seen).toHaveLength(1);
        expect(seen[0]).toBe(a);
      });
    }),
  );

  it(
    'sends a notice for each large frame that it lets through, and for no other',
    marbles(({ cold, at }) => {
      const notices: LargeFrameNotice[] = [];
      const options = {
        maxBytes: 20,
        noticeBytes: 10,
        notices: { next: (n: LargeFrameNotice) => void notices.push(n) },
      };
      cold('abcd|', { a: bytes(10), b: bytes(11, 1), c: bytes(21, 2), d: bytes(20, 3) })
        .pipe(sizeGate(options))
        .subscribe();
      at(4, () =>
        expect(notices).toStrictEqual([
          { type: 'large-frame', frameId: 'c1-1', byteLength: 11 },
          { type: 'large-frame', frameId: 'c1-3', byteLength: 20 },
        ]),
      );
    }),
  );

  it(
    'notices what is larger than 1 MiB by default, and nothing with noticeBytes: Infinity',
    marbles(({ cold, at }) => {
      const sizes: number[] = [];
      const notices: NextObserver<LargeFrameNotice> = { next: ({ byteLength }) => void sizes.push(byteLength) };
      const source = cold('ab|', { a: bytes(1_048_576), b: bytes(1_048_577, 1) });
      source.pipe(sizeGate({ notices })).subscribe();
      source.pipe(sizeGate({ notices, noticeBytes: Infinity })).subscribe();
      at(2, () => expect(sizes).toStrictEqual([1_048_577]));
    }),
  );

  it.each<[unknown, string]>([
    [{ maxBytes: 0 }, 'RangeError: sizeGate: maxBytes must be a positive integer, got 0'],
    [{ maxBytes: 1.5 }, 'RangeError: sizeGate: maxBytes must be a positive integer, got 1.5'],
    [{ maxBytes: Infinity }, 'RangeError: sizeGate: maxBytes must be a positive integer, got Infinity'],
    [{ maxBytes: '5' }, 'TypeError: sizeGate: maxBytes must be a positive integer, got "5"'],
    [{ noticeBytes: NaN }, 'RangeError: sizeGate: noticeBytes must be a positive integer or Infinity, got NaN'],
    [{ notices: {} }, 'TypeError: sizeGate: notices must be an object with a method next(), got an object'],
    [{ maxByte: 5 }, 'TypeError: sizeGate: there is no option "maxByte"; there are maxBytes, noticeBytes, notices'],
  ])('refuses %j', (options, message) => {
    expect(() => sizeGate(options as SizeGateOptions)).toThrow(expect.toSatisfy((error) => String(error) === message));
  });
});

stageContract(
  'sizeGate',
  () => sizeGate({ maxBytes: 10 }),
  () => [bytes(10), bytes(11, 1), bytes(1, 2)],
);
