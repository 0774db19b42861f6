import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { accepted } from '../operators/accepted.ts';
import type { AnyFrame } from '../operators/frame.ts';
import { record, type CaptureSink } from '../operators/record.ts';
import { sizeGate } from '../operators/size-gate.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, rejectedFrame, stageContract } from './marbles.ts';

/** A sink that keeps what it is given. */
function memorySink(): CaptureSink & { readonly outcomes: readonly AnyFrame[] } {
  const outcomes: AnyFrame[] = [];
  return { outcomes, write: (outcome) => void outcomes.push(outcome) };
}

describe('record', () => {
  it(
    'hands each outcome to the sink when it passes, rejected or not, and passes the same object on',
    diagram('record', { call: 'record(sink)', labels: ['in', 'out', 'sink'] }, ({ cold, expectObservable }) => {
      const values = { a: raw('a'), x: rejectedFrame('decode', 'invalid-utf8'), c: raw('c', { sequence: 2 }) };
      const written$ = new Subject<AnyFrame>();
      const sink: CaptureSink = { write: (outcome) => written$.next(outcome) };
      expectObservable(cold('-a--x--c--|', values).pipe(record(sink))).toBe('-a--x--c--|', values);
      expectObservable(written$).toBe('-a--x--c---', values);
    }),
  );

  it(
    'sees what the stages before it rejected where it stands before accepted(), and writes before the frame goes on',
    marbles(({ cold, at }) => {
      const sink = memorySink();
      const written: number[] = [];
      const [large, small] = [raw('aa'), raw('b', { sequence: 1 })];
      cold('ab|', { a: large, b: small })
        .pipe(sizeGate({ maxBytes: 1 }), record(sink), accepted())
        .subscribe(() => written.push(sink.outcomes.length));
      at(2, () => {
        expect(sink.outcomes.map(({ kind, rawData }) => [kind, rawData])).toStrictEqual([
          ['rejected', large.rawData],
          ['raw', small.rawData],
        ]);
        expect(sink.outcomes[1]).toBe(small);
        expect(written).toStrictEqual([2]);
      });
    }),
  );

  it(
    'makes what the sink throws the error of the stream, and lets go of the source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const failure = new Error('no time that can be written');
      let left = 1;
      const sink: CaptureSink = {
        write() {
          if (left-- === 0) throw failure;
        },
      };
      const [a, b] = [raw('a'), raw('b', { sequence: 1 })];
      const source = cold('-a-b-c-|', { a, b, c: a });
      expectObservable(source.pipe(record(sink))).toBe('-a-#', { a }, failure);
      expectSubscriptions(source.subscriptions).toBe('^--!');
    }),
  );

  it.each<[unknown, string]>([
    [undefined, 'TypeError: record: sink must be an object with a method write(), got undefined'],
    [{ next: 1 }, 'TypeError: record: sink must be an object with a method write(), got an object'],
  ])('refuses %j', (sink, message) => {
    expect(() => record(sink as CaptureSink)).toThrow(expect.toSatisfy((error) => String(error) === message));
  });
});

stageContract(
  'record',
  () => record(memorySink()),
  () => [raw('a'), raw('b', { sequence: 1 })],
);
