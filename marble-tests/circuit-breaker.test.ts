import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { circuitBreaker, type CircuitBreakerOptions, type CircuitState } from '../operators/circuit-breaker.ts';
import type { RawFrame } from '../operators/frame.ts';
import { diagram } from './diagram.ts';
import { marbles, raw, rejectedWith, stageContract } from './marbles.ts';

const bytes = (length: number, sequence = 0) => raw(new Uint8Array(length), { sequence });
const opened = (message: string) => rejectedWith('circuit-breaker', 'circuit-open', message);
const meanOf = (mean: number, most = 10) => opened(`the mean frame size is ${mean} bytes, at most ${most} is allowed`);
const openFor = (remaining: number) => opened(`the circuit is open for another ${remaining} ms`);
const probeOf = (size: number) => opened(`the probe has ${size} bytes, at most 10 are allowed`);

/** `a` is small, `m` is as large as the mean may be, `L` is large. */
const frames = { a: bytes(1), m: bytes(10), L: bytes(30) };
const options: CircuitBreakerOptions = { maxMeanBytes: 10, window: 60, minFrames: 3, resetAfter: 10 };

stageContract(
  'circuitBreaker',
  (scheduler) => circuitBreaker({ ...options, minFrames: 2, scheduler }),
  () => [bytes(1), bytes(30, 1), bytes(1, 2)],
);

describe('circuitBreaker', () => {
  it(
    'opens when the mean passes maxMeanBytes, tries a frame after resetAfter, and closes when that is small',
    marbles(({ cold, expectObservable }) => {
      const result = cold('--a--L--L--a------a--a--|', frames).pipe(circuitBreaker(options));
      expectObservable(result).toBe('--a--L--x--y------a--a--|', { ...frames, x: meanOf(20), y: openFor(7) });
    }),
  );

  it(
    'reports its state when it changes',
    diagram(
      'circuit-breaker',
      {
        call: 'circuitBreaker({ maxMeanBytes: 10, minFrames: 3, resetAfter: 10, state })',
        labels: ['in', 'out', 'state'],
        describe: ({ byteLength }: RawFrame) => `${byteLength} ${byteLength === 1 ? 'byte' : 'bytes'}`,
      },
      ({ cold, expectObservable }) => {
        const state = new Subject<CircuitState>();
        const result = cold('--a--L--L--a------a--a--|', frames).pipe(
          circuitBreaker({ maxMeanBytes: 10, minFrames: 3, resetAfter: 10, state }),
        );
        expectObservable(result).toBe('--a--L--x--y------a--a--|', { ...frames, x: meanOf(20), y: openFor(7) });
        expectObservable(state).toBe('--------o---------(hc)--', { o: 'open', h: 'half-open', c: 'closed' });
      },
    ),
  );

  it(
    'reports each change of its state',
    marbles(({ cold, at, scheduler }) => {
      const states: (readonly [number, CircuitState])[] = [];
      const state = { next: (now: CircuitState) => void states.push([scheduler.now(), now]) };
      cold('LLL---------L---------a|', frames)
        .pipe(circuitBreaker({ ...options, state }))
        .subscribe();
      at(30, () =>
        expect(states).toStrictEqual([
          [2, 'open'],
          [12, 'half-open'],
          [12, 'open'],
          [22, 'half-open'],
          [22, 'closed'],
        ]),
      );
    }),
  );

  it(
    'stays open for another resetAfter when the probe is large',
    marbles(({ cold, expectObservable }) => {
      const result = cold('LLL---------L--------aa|', frames).pipe(circuitBreaker(options));
      expectObservable(result).toBe('LLx---------p--------ya|', {
        ...frames,
        x: meanOf(30),
        p: probeOf(30),
        y: openFor(1),
      });
    }),
  );

  it(
    'rejects until resetAfter is over to the millisecond, and takes a probe of just maxMeanBytes',
    marbles(({ cold, expectObservable }) => {
      const result = cold('LLL--------am|', frames).pipe(circuitBreaker(options));
      expectObservable(result).toBe('LLx--------ym|', { ...frames, x: meanOf(30), y: openFor(1) });
    }),
  );

  it(
    'stays half-open in effect until a frame comes, however long that takes',
    marbles(({ cold, expectObservable }) => {
      const result = cold('LLL 500ms L|', frames).pipe(circuitBreaker(options));
      expectObservable(result).toBe('LLx 500ms p|', { ...frames, x: meanOf(30), p: probeOf(30) });
    }),
  );

  it(
    'starts with an empty window when it closes: what it opened for is forgotten',
    marbles(({ cold, expectObservable }) => {
      // After the probe (1 byte) one of 30: the mean is 15.5, of two. The third, 30 again, makes it 20.3 of three.
      const result = cold('LLL---------aLL|', frames).pipe(circuitBreaker(options));
      expectObservable(result).toBe('LLx---------aLz|', { ...frames, x: meanOf(30), z: meanOf(20) });
    }),
  );

  it(
    'does not open for a mean of just maxMeanBytes',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('mmmmmm|', frames).pipe(circuitBreaker(options))).toBe('mmmmmm|', frames);
    }),
  );

  it(
    'does not open with fewer than minFrames in the window',
    marbles(({ cold, expectObservable }) => {
      // Each 30 ms: never more than two in 60 ms.
      const diagram = 'L 29ms L 29ms L 29ms L|';
      expectObservable(cold(diagram, frames).pipe(circuitBreaker(options))).toBe(diagram, frames);
      expectObservable(cold('LLL|', frames).pipe(circuitBreaker({ ...options, minFrames: 4 }))).toBe('LLL|', frames);
    }),
  );

  it(
    'forgets what left the window',
    marbles(({ cold, expectObservable }) => {
      // 30, 30 at first; at 70 ms only small ones are in the window, and one of 30 makes no mean above 10.
      const diagram = 'LL 68ms aaaL|';
      expectObservable(cold(diagram, frames).pipe(circuitBreaker(options))).toBe(diagram, frames);
      expectObservable(cold('LL 20ms aaaL|', frames).pipe(circuitBreaker(options))).toBe('LL 20ms xyzw|', {
        ...frames,
        x: meanOf(20),
        y: openFor(9),
        z: openFor(8),
        w: openFor(7),
      });
    }),
  );

  it(
    'opens at a mean of more than 2 MiB over 60 s, with 10 frames, for 30 s, by default',
    marbles(({ cold, expectObservable }) => {
      const L = bytes(2 * 1024 * 1024 + 1);
      const values = { L, a: bytes(1), x: meanOf(2_097_153, 2_097_152), y: openFor(1) };
      const opening = cold(
        'L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms L',
        values,
      );
      expectObservable(opening.pipe(circuitBreaker())).toBe(
        'L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms L 5999ms x',
        values,
      );
      // One each 6.7 s: nine in 60 s
      const diagram = Array.from({ length: 20 }, () => 'L').join(' 6699ms ');
      expectObservable(cold(diagram, values).pipe(circuitBreaker())).toBe(diagram, values);
      expectObservable(cold('LLLLLLLLLL 29998ms aa', values).pipe(circuitBreaker())).toBe(
        'LLLLLLLLLx 29998ms ya',
        values,
      );
    }),
  );

  it(
    'keeps the state of each subscription apart',
    marbles(({ cold, expectObservable }) => {
      const result = cold('LLL|', frames).pipe(circuitBreaker(options));
      expectObservable(result).toBe('LLx|', { ...frames, x: meanOf(30) });
      expectObservable(result, '-^').toBe('-LLx|', { ...frames, x: meanOf(30) });
    }),
  );

  const ms = 'a number of milliseconds, above 0 and at most 2147483647';
  it.each<[unknown, string]>([
    [{ maxMeanBytes: 0 }, 'RangeError: circuitBreaker: maxMeanBytes must be a positive integer, got 0'],
    [{ maxMeanBytes: '2' }, 'TypeError: circuitBreaker: maxMeanBytes must be a positive integer, got "2"'],
    [{ window: 0 }, `RangeError: circuitBreaker: window must be ${ms}, got 0`],
    [{ minFrames: 0.5 }, 'RangeError: circuitBreaker: minFrames must be a positive integer, got 0.5'],
    [{ resetAfter: -1 }, `RangeError: circuitBreaker: resetAfter must be ${ms}, got -1`],
    [{ resetAfter: '1' }, `TypeError: circuitBreaker: resetAfter must be ${ms}, got "1"`],
    [{ state: {} }, 'TypeError: circuitBreaker: state must be an object with a method next(), got an object'],
    [{ scheduler: {} }, 'TypeError: circuitBreaker: scheduler must be an object with a method now(), got an object'],
    [
      { minFrame: 1 },
      'TypeError: circuitBreaker: there is no option "minFrame"; there are maxMeanBytes, window, minFrames, resetAfter, state, scheduler',
    ],
  ])('refuses %j', (given, message) => {
    const call = () => circuitBreaker(given as CircuitBreakerOptions);
    expect(call).toThrow(expect.toSatisfy((error) => String(error) === message));
  });
});
