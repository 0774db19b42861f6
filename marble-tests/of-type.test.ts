import { describe, expect, it } from 'vitest';
import { RejectedFrame, type Parsed } from '../operators/frame.ts';
import { ofType } from '../operators/of-type.ts';
import { binaryType } from '../operators/binary-type.ts';
import { jsonType } from '../operators/json-type.ts';
import { definePayloadTypes } from '../operators/payload-types.ts';
import { diagram } from './diagram.ts';
import { decodedFrame, marbles, parsedFrame, rejectedFrame, stageContract } from './marbles.ts';

const types = definePayloadTypes({
  order: jsonType({ type: 'object' }),
  refund: jsonType({ type: 'object' }),
  media: binaryType({ firstByte: 0x80 }),
});

const values = {
  a: parsedFrame(types, 'order', {}),
  b: parsedFrame(types, 'refund', {}, { sequence: 1 }),
  c: decodedFrame(types, 'media', Uint8Array.of(0x80), { sequence: 2 }),
  x: rejectedFrame(),
};

const payloadType = (frame: { readonly payloadType: string }) => frame.payloadType;

describe('ofType', () => {
  it(
    'keeps the type that is named, and leaves rejected frames out',
    diagram('of-type', { call: "ofType('order')", describe: payloadType }, ({ cold, expectObservable }) => {
      expectObservable(cold('-a-b-x-c-a-|', values).pipe(ofType('order'))).toBe('-a-------a-|', values);
    }),
  );

  it(
    'keeps each of several types, in their order',
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a-b-x-c-a-|', values).pipe(ofType('media', 'order'))).toBe('-a-----c-a-|', values);
    }),
  );

  it(
    'leaves out a rejected frame of the type that is named',
    marbles(({ cold, expectObservable }) => {
      const x = new RejectedFrame(values.a, 'validate', 'schema', [{ message: 'no' }]);
      expect(x.payloadType).toBe('order');
      expectObservable(cold('-x-a-|', { x, a: values.a }).pipe(ofType('order'))).toBe('---a-|', values);
    }),
  );

  it('asks for a name', () => {
    // @ts-expect-error -- nor does it compile
    expect(() => ofType()).toThrow(new TypeError('ofType: name at least one payload type'));
  });

  it.each([
    [[['order']], 'ofType: names must be strings, got an array'],
    [[5], 'ofType: names must be strings, got 5'],
    [['order', undefined], 'ofType: names must be strings, got undefined'],
  ])('refuses %j as names', (names, message) => {
    expect(() => ofType(...(names as [string]))).toThrow(new TypeError(message));
  });
});

stageContract(
  'ofType',
  () => ofType<Parsed<string, unknown>, string>('order', 'refund'),
  () => [values.a, values.b],
  { rejectedFrames: 'leave out' },
);
