import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { definePayloadTypes, jsonType, type Parsed } from 'rxframe/operators';
import { expectConserved, frames, marbleRunner, operatorContract } from 'rxframe/testing';
import { maxAge } from '../src/max-age.ts';

const marbles = marbleRunner(assert.deepStrictEqual);

const types = definePayloadTypes({
  order: jsonType({ type: 'object', properties: { at: { type: 'number' } }, required: ['at'] }),
});
const order = (at: number) => frames.parsed(types, 'order', { at }) as Parsed<'order', { readonly at: number }>;

describe('maxAge', () => {
  test(
    'rejects what happened too long ago, and goes on',
    marbles(({ scheduler, cold, expectObservable }) => {
      const [a, b, c] = [order(0), order(1), order(1_000)];
      const stage = maxAge({ limit: 5, happened: ({ decodedData: { at } }: typeof a) => at, scheduler });
      const x = frames.rejected('max-age', 'too-old', '6 ms old, at most 5 allowed');
      // At 5 ms, 7 ms and 9 ms.
      expectObservable(cold('-----a-b-c-|', { a, b, c }).pipe(expectConserved(stage))).toBe('-----a-x-c-|', {
        a,
        x,
        c,
      });
    }),
  );

  test('has to be told a limit above 0', () => {
    for (const limit of [0, -1, NaN]) assert.throws(() => maxAge({ limit }), /limit must be a number of milliseconds/);
  });

  // What holds for every operator of rxframe.
  const two = () => [frames.raw('a', { timestamp: 0 }), frames.raw('b', { timestamp: 0 })];
  for (const { title, test: run } of operatorContract(
    marbles,
    (scheduler) => maxAge({ limit: 1_000, scheduler }),
    two,
  )) {
    test(title, run);
  }
});
