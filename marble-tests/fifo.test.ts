import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fifo } from '../operators/fifo.ts';

describe('Fifo', () => {
  it('gives what an array gives, whatever is pushed, looked at and taken', () => {
    const steps = fc.array(fc.oneof(fc.nat(), fc.constant('peek'), fc.constant('shift')));
    fc.assert(
      fc.property(steps, (all) => {
        const fifo = new Fifo<unknown>();
        const array: unknown[] = [];
        for (const step of all) {
          if (step === 'peek') expect(fifo.peek()).toBe(array[0]);
          else if (step === 'shift') expect(fifo.shift()).toBe(array.shift());
          else {
            fifo.push(step);
            array.push(step);
          }
        }
      }),
    );
  });
});
