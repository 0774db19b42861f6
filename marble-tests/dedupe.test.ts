import { from, share } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { dedupe, type DedupeOptions } from '../operators/dedupe.ts';
import type { LiveFrame, RawFrame } from '../operators/frame.ts';
import { jsonType } from '../operators/json-type.ts';
import { definePayloadTypes } from '../operators/payload-types.ts';
import { diagram } from './diagram.ts';
import {
  decodedFrame,
  marbles,
  parsedFrame,
  raw,
  record,
  rejectedFrame,
  rejectedWith,
  stageContract,
} from './marbles.ts';

const types = definePayloadTypes({
  event: jsonType({ type: 'object', properties: { id: { type: 'string' } } } as const, { identity: ({ id }) => id }),
});

const event = (id: string, text: string, sequence: number) => parsedFrame(types, 'event', { id, text }, { sequence });
const text = ({ rawData }: LiveFrame) => new TextDecoder().decode(rawData);
const payload = (frame: LiveFrame) => `payload ${text(frame)}`;
const duplicate = (message: string) => rejectedWith('dedupe', 'duplicate', message);

describe('dedupe', () => {
  it(
    'rejects a payload that was seen before, and says when',
    marbles(({ cold, scheduler, expectObservable }) => {
      const [a, b, c] = [raw('a'), raw('b', { sequence: 1 }), raw('a', { sequence: 2, connectionId: 'c2' })];
      expectObservable(cold('-a-b-c-|', { a, b, c }).pipe(dedupe({ scheduler }))).toBe('-a-b-x-|', {
        a,
        b,
        x: duplicate('seen 4 ms ago'),
      });
    }),
  );

  it(
    'remembers a payload for a minute by default',
    diagram('dedupe', { call: 'dedupe({ scheduler })', describe: payload }, ({ cold, scheduler, expectObservable }) => {
      const [a, b, c, d] = [raw('a'), raw('b', { sequence: 1 }), raw('a', { sequence: 2 }), raw('a', { sequence: 3 })];
      const source = cold('-a-b-c 59999ms d-|', { a, b, c, d });
      expectObservable(source.pipe(dedupe({ scheduler }))).toBe('-a-b-x 59999ms d-|', {
        a,
        b,
        x: duplicate('seen 4 ms ago'),
        d,
      });
    }),
  );

  it(
    'keeps all that was known of a frame it rejects, and passes the others on as the same objects',
    marbles(({ cold, scheduler, at }) => {
      const [a, b] = [event('1', 'a', 0), event('1', 'b', 1)];
      const seen = record(cold('ab|', { a, b }).pipe(dedupe({ scheduler })), scheduler);
      at(2, () => {
        expect(seen.log[0]?.next).toBe(a);
        expect(seen.log[1]?.next).toMatchObject({ frameId: 'c1-1', payloadType: 'event', decodedData: b.decodedData });
      });
    }),
  );

  it(
    'forgets a frame once the window is over, and a duplicate does not prolong it',
    marbles(({ cold, scheduler, expectObservable }) => {
      const a = raw('a');
      expectObservable(cold('a---a----a---a--(a|)', { a }).pipe(dedupe({ window: 9, scheduler }))).toBe(
        'a---x----a---y--(z|)',
        { a, x: duplicate('seen 4 ms ago'), y: duplicate('seen 4 ms ago'), z: duplicate('seen 7 ms ago') },
      );
    }),
  );

  it(
    'takes a frame for new just when the window is over, not before',
    marbles(({ cold, scheduler, expectObservable }) => {
      const a = raw('a');
      const source = () => cold('a--aa|', { a });
      expectObservable(source().pipe(dedupe({ window: 3, scheduler }))).toBe('a--ax|', {
        a,
        x: duplicate('seen 1 ms ago'),
      });
      expectObservable(source().pipe(dedupe({ window: 4, scheduler }))).toBe('a--xa|', {
        a,
        x: duplicate('seen 3 ms ago'),
      });
    }),
  );

  it(
    'remembers for 60 s by default',
    marbles(({ cold, scheduler, expectObservable }) => {
      const a = raw('a');
      expectObservable(cold('a 59998ms a a|', { a }).pipe(dedupe({ scheduler }))).toBe('a 59998ms x a|', {
        a,
        x: duplicate('seen 59999 ms ago'),
      });
    }),
  );

  it(
    'remembers at most maxEntries frames: the one that came first is forgotten first',
    marbles(({ cold, scheduler, expectObservable }) => {
      const [a, b, c] = [raw('a'), raw('b', { sequence: 1 }), raw('c', { sequence: 2 })];
      expectObservable(cold('abacbca|', { a, b, c }).pipe(dedupe({ maxEntries: 2, scheduler }))).toBe('abxcyza|', {
        a,
        b,
        c,
        x: duplicate('seen 2 ms ago'),
        y: duplicate('seen 3 ms ago'),
        z: duplicate('seen 2 ms ago'),
      });
    }),
  );

  it('remembers 10,000 frames by default', () => {
    const numbers = Array.from({ length: 10_001 }, (_, sequence) => raw(String(sequence), { sequence }));
    const [first, second] = numbers as [RawFrame, RawFrame];
    const kinds: string[] = [];
    from([...numbers, second, first])
      .pipe(dedupe({ scheduler: { now: () => 0 } }))
      .subscribe(({ kind }) => kinds.push(kind));
    expect(kinds.filter((kind) => kind === 'rejected')).toHaveLength(1);
    expect(kinds.slice(-2)).toStrictEqual(['rejected', 'raw']);
  });

  it(
    'goes by the identity that the payload type gives, once a frame is validated',
    marbles(({ cold, scheduler, expectObservable }) => {
      const [a, b, c] = [event('1', 'a', 0), event('1', 'b', 1), event('2', 'a', 2)];
      expectObservable(cold('abc|', { a, b, c }).pipe(dedupe({ scheduler }))).toBe('axc|', {
        a,
        x: duplicate('seen 1 ms ago'),
        c,
      });
    }),
  );

  it(
    'goes by the payload where a frame is not validated, or its type gives no identity',
    marbles(({ cold, scheduler, expectObservable }) => {
      const frames = {
        a: decodedFrame(types, 'event', { id: '1', text: 'a' }),
        b: decodedFrame(types, 'event', { id: '1', text: 'b' }, { sequence: 1 }),
        c: parsedFrame(types, 'event', { text: 'a' }, { sequence: 2 }),
        d: parsedFrame(types, 'event', { text: 'a' }, { sequence: 3 }),
      };
      expectObservable(cold('abcd|', frames).pipe(dedupe({ scheduler }))).toBe('abcx|', {
        ...frames,
        x: duplicate('seen 1 ms ago'),
      });
    }),
  );

  it(
    'goes by the identity that it is given, and never takes a frame without one for a duplicate',
    marbles(({ cold, scheduler, expectObservable }) => {
      const identity = (frame: RawFrame) => (text(frame).startsWith('-') ? undefined : text(frame).slice(0, 1));
      const frames = {
        a: raw('1a'),
        b: raw('1b', { sequence: 1 }),
        c: raw('-', { sequence: 2 }),
        d: raw('-', { sequence: 3 }),
      };
      expectObservable(cold('abcd|', frames).pipe(dedupe<RawFrame>({ identity, scheduler }))).toBe('axcd|', {
        ...frames,
        x: duplicate('seen 1 ms ago'),
      });
    }),
  );

  it(
    'neither remembers a frame rejected before, nor rejects it again',
    marbles(({ cold, scheduler, at }) => {
      const before = rejectedFrame();
      const same = raw('x');
      const seen = record(cold('xxa|', { x: before, a: same }).pipe(dedupe({ scheduler })), scheduler);
      at(3, () => expect(seen.log.map(({ next }) => next)).toStrictEqual([before, before, same, undefined]));
    }),
  );

  it(
    'makes what identity throws the error of the stream',
    marbles(({ cold, scheduler, expectObservable }) => {
      const failure = new Error('no id');
      const identity = () => {
        throw failure;
      };
      expectObservable(cold('-a-|', { a: raw('a') }).pipe(dedupe({ identity, scheduler }))).toBe('-#', {}, failure);
    }),
  );

  it(
    'remembers for each subscription on its own, of a shared source too',
    marbles(({ cold, scheduler, expectObservable }) => {
      const [a, b] = [raw('a'), raw('a', { sequence: 1 })];
      const result = cold('a-b-|', { a, b }).pipe(share(), dedupe({ scheduler }));
      const x = duplicate('seen 2 ms ago');
      expectObservable(result).toBe('a-x-|', { a, x });
      expectObservable(result, '-^').toBe('--b-|', { b });
    }),
  );

  it.each<[unknown, string]>([
    [{ identity: 'id' }, 'TypeError: dedupe: identity must be a function, got "id"'],
    [
      { window: 0 },
      'RangeError: dedupe: window must be a number of milliseconds, above 0 and at most 2147483647, got 0',
    ],
    [
      { window: '1' },
      'TypeError: dedupe: window must be a number of milliseconds, above 0 and at most 2147483647, got "1"',
    ],
    [{ maxEntries: 0 }, 'RangeError: dedupe: maxEntries must be a positive integer, got 0'],
    [{ maxEntries: Infinity }, 'RangeError: dedupe: maxEntries must be a positive integer, got Infinity'],
    [{ scheduler: {} }, 'TypeError: dedupe: scheduler must be an object with a method now(), got an object'],
    [
      { windowMs: 1 },
      'TypeError: dedupe: there is no option "windowMs"; there are identity, window, maxEntries, scheduler',
    ],
  ])('refuses %j', (options, message) => {
    expect(() => dedupe(options as DedupeOptions<RawFrame>)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });
});

stageContract(
  'dedupe',
  (scheduler) => dedupe<RawFrame>({ scheduler }),
  () => [raw('a'), raw('b', { sequence: 1 }), raw('a', { sequence: 2 })],
  {
    expected: ({ frameId, sequence }) =>
      expect.objectContaining({ frameId, kind: sequence === 2 ? 'rejected' : 'raw' }) as unknown,
  },
);
