import type { NatsConnection } from '@nats-io/transport-node';
import { of, type Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import { accepted } from '../../operators/accepted.ts';
import { decode } from '../../operators/decode.ts';
import type { AnyFrame, RawFrame, RejectedFrame } from '../../operators/frame.ts';
import { jsonType } from '../../operators/json-type.ts';
import { ofType } from '../../operators/of-type.ts';
import { definePayloadTypes, type ParsedFrame } from '../../operators/payload-types.ts';
import { validate } from '../../operators/validate.ts';
import {
  ackWith,
  deliveryOf,
  ensureStream,
  fromJetStream,
  members,
  shard,
  toJetStream,
  type Delivery,
  type ToJetStreamOptions,
} from '../../src/jetstream/index.ts';
import type { Topic } from '../../src/genesys/index.ts';

const types = definePayloadTypes({
  order: jsonType({ type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }),
  ping: jsonType({ type: 'object', properties: { at: { type: 'string' } }, required: ['at'] }),
});
declare const connection: NatsConnection;
declare const raw$: Observable<RawFrame>;
const parsed$ = raw$.pipe(decode(types), validate());

describe('toJetStream', () => {
  it('lets through what comes in, and its rejected frames', () => {
    const out$ = parsed$.pipe(toJetStream({ connection, stream: 'A' }));
    expectTypeOf(out$).toEqualTypeOf<Observable<ParsedFrame<typeof types> | RejectedFrame>>();
    expectTypeOf(out$.pipe(accepted(), ofType('order'))).toExtend<Observable<{ decodedData: { id: number } }>>();
  });

  it('takes no other options', () => {
    // @ts-expect-error -- no stream
    toJetStream({ connection });
    // @ts-expect-error -- a misspelt option
    toJetStream({ connection, stream: 'A', maxInflight: 5 });
    const options: ToJetStreamOptions = { connection, stream: 'A', key: ({ kind }) => kind };
    expectTypeOf(options).toEqualTypeOf<ToJetStreamOptions>();
  });

  it('does not take what is no frame', () => {
    // @ts-expect-error -- numbers
    of(1).pipe(toJetStream({ connection, stream: 'A' }));
  });
});

describe('fromJetStream and ackWith', () => {
  const frames$ = fromJetStream({ connection, stream: 'A', group: 'g' });

  it('gives raw frames, for the same stages', () => {
    expectTypeOf(frames$).toEqualTypeOf<Observable<RawFrame>>();
    const out$ = frames$.pipe(
      decode(types),
      validate(),
      ackWith((frame, delivery) => {
        expectTypeOf(frame).toEqualTypeOf<ParsedFrame<typeof types>>();
        expectTypeOf(delivery).toEqualTypeOf<Delivery>();
        if (frame.payloadType === 'order') expectTypeOf(frame.decodedData.id).toEqualTypeOf<number>();
        return Promise.resolve();
      }),
    );
    expectTypeOf(out$).toEqualTypeOf<Observable<ParsedFrame<typeof types> | RejectedFrame>>();
  });

  it('wants work that can be waited for', () => {
    // @ts-expect-error -- nobody knows when this is done
    frames$.pipe(ackWith(() => undefined));
    // @ts-expect-error -- nor this
    frames$.pipe(ackWith(() => 5));
  });

  it('begins where it can be said', () => {
    fromJetStream({ connection, stream: 'A', group: 'g', from: { time: 5 } });
    // @ts-expect-error -- no such place
    fromJetStream({ connection, stream: 'A', group: 'g', from: 'last' });
    // @ts-expect-error -- a group is needed
    fromJetStream({ connection, stream: 'A' });
  });

  it('says what delivered a frame, where something did', () => {
    expectTypeOf(deliveryOf).toEqualTypeOf<(frame: AnyFrame) => Delivery | undefined>();
  });
});

describe('streams and shares', () => {
  it('declares streams', () => {
    void ensureStream(connection, { name: 'A', replicas: 3, discard: 'new' });
    // @ts-expect-error -- two replicas protect nothing
    void ensureStream(connection, { name: 'A', replicas: 2 });
  });

  it('keeps the type of what is shared', () => {
    const topics: readonly Topic[] = ['v2.a'];
    const members$ = members({ connection, group: 'g', id: 'a' });
    expectTypeOf(members$).toEqualTypeOf<Observable<readonly string[]>>();
    expectTypeOf(of(topics).pipe(shard({ members$, id: 'a' }))).toEqualTypeOf<Observable<readonly Topic[]>>();
  });
});
