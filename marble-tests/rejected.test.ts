import { describe, it } from 'vitest';
import { rejected } from '../operators/rejected.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, rejectedFrame, stageContract } from './marbles.ts';

describe('rejected', () => {
  it(
    'lets rejected frames through, and nothing else',
    diagram('rejected', { call: 'rejected()' }, ({ cold, expectObservable }) => {
      const values = { a: raw('a'), x: rejectedFrame(), y: rejectedFrame('decode', 'invalid-utf8') };
      expectObservable(cold('--a--x--a-y|', values).pipe(rejected())).toBe('-----x----y|', values);
    }),
  );

  it(
    'goes by what a frame is, not by what it looks like',
    marbles(({ cold, expectObservable }) => {
      const values = {
        a: { kind: 'rejected', stage: 'decode', reason: 'schema', issues: [] },
        b: undefined,
        c: 'rejected',
      };
      expectObservable(cold('abc|', values).pipe(rejected())).toBe('---|');
    }),
  );
});

stageContract(
  'rejected',
  () => rejected(),
  () => [rejectedFrame(), rejectedFrame('decode', 'invalid-utf8')],
);
