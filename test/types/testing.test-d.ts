import type { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import { decode } from '../../operators/decode.ts';
import type { RawFrame, RejectedFrame } from '../../operators/frame.ts';
import { jsonType } from '../../operators/json-type.ts';
import { definePayloadTypes, type ParsedFrame } from '../../operators/payload-types.ts';
import { sizeGate } from '../../operators/size-gate.ts';
import { validate } from '../../operators/validate.ts';
import { connect } from '../../src/index.ts';
import { expectConserved, frames, marbleSocket, peer, type MarbleHelpers } from '../../src/testing/index.ts';

const types = definePayloadTypes({
  order: jsonType({ type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }),
  hello: jsonType({ type: 'object' }),
});
declare const { scheduler }: MarbleHelpers;

describe('frames', () => {
  it('are typed as the stages type them', () => {
    const order = frames.parsed(types, 'order', { id: 1 });
    expectTypeOf(order.payloadType).toEqualTypeOf<'order'>();
    expectTypeOf(order.decodedData.id).toEqualTypeOf<number>();
    expectTypeOf(order).toExtend<ParsedFrame<typeof types>>();
    expectTypeOf(frames.interactionUpdate().decodedData.id).toEqualTypeOf<string>();
    expectTypeOf(frames.telephonyMedia().decodedData).toEqualTypeOf<Uint8Array>();
  });

  it('refuse what the schema does not have', () => {
    // @ts-expect-error -- the id is a number
    frames.parsed(types, 'order', { id: '1' });
    // @ts-expect-error -- no such type
    frames.parsed(types, 'orders', { id: 1 });
    // @ts-expect-error -- no such type
    frames.decoded(types, 'orders', {});
    // @ts-expect-error -- the id is a string
    frames.interactionUpdate({ id: 5 });
    // @ts-expect-error -- the type is what it is
    frames.interactionUpdate({ type: 'keepalive' });
  });
});

describe('marbleSocket', () => {
  it('goes where the socket goes', () => {
    const socket = marbleSocket(scheduler, ['o-a', 'o-b'], { a: frames.keepalive(), b: peer.close(1012) });
    expectTypeOf(connect({ url: 'wss://example.org', socket })).toEqualTypeOf<Observable<RawFrame>>();
  });

  it('refuses what can be no message', () => {
    // @ts-expect-error -- neither a string, nor bytes, nor a frame, nor an event
    marbleSocket(scheduler, 'o-a', { a: 5 });
    // @ts-expect-error -- an object is not encoded
    marbleSocket(scheduler, 'o-a', { a: { type: 'keepalive' } });
  });
});

describe('expectConserved', () => {
  it('gives what the pipeline in it gives', () => {
    const outcomes$ = connect({ url: 'wss://example.org' }).pipe(
      expectConserved((source$) => source$.pipe(sizeGate(), decode(types), validate())),
    );
    expectTypeOf(outcomes$).toEqualTypeOf<Observable<ParsedFrame<typeof types> | RejectedFrame>>();
  });
});
