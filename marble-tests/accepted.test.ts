import { describe, it } from 'vitest';
import { accepted } from '../operators/accepted.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, rejectedFrame, stageContract } from './marbles.ts';

describe('accepted', () => {
  it(
    'leaves rejected frames out, and nothing else',
    diagram('accepted', { call: 'accepted()' }, ({ cold, expectObservable }) => {
      const values = { a: raw('a'), x: rejectedFrame(), c: raw('c', { sequence: 1 }) };
      expectObservable(cold('--a--x--c--|', values).pipe(accepted())).toBe('--a-----c--|', values);
    }),
  );

  it(
    'takes any value, undefined too',
    marbles(({ cold, expectObservable }) => {
      const values = { a: undefined, b: 0, c: null, x: rejectedFrame() };
      expectObservable(cold('abxc|', values).pipe(accepted())).toBe('ab-c|', values);
    }),
  );
});

stageContract(
  'accepted',
  () => accepted(),
  () => [raw('a'), raw('b', { sequence: 1 })],
  { rejectedFrames: 'leave out' },
);
