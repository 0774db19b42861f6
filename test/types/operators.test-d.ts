import { EMPTY, filter, map, share, type Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import { accepted } from '../../operators/accepted.ts';
import { audit } from '../../operators/audit.ts';
import { checksum } from '../../operators/checksum.ts';
import { chunked, type ChunkedFrame } from '../../operators/chunked.ts';
import { circuitBreaker } from '../../operators/circuit-breaker.ts';
import { decode } from '../../operators/decode.ts';
import { dedupe } from '../../operators/dedupe.ts';
import { detectGaps } from '../../operators/detect-gaps.ts';
import { reject, type RawFrame, type RejectedFrame } from '../../operators/frame.ts';
import { handover } from '../../operators/handover.ts';
import { Meter } from '../../operators/meter.ts';
import { metrics } from '../../operators/metrics.ts';
import { binaryType } from '../../operators/binary-type.ts';
import { jsonType } from '../../operators/json-type.ts';
import { definePayloadTypes, type ParsedFrame } from '../../operators/payload-types.ts';
import { preselect } from '../../operators/preselect.ts';
import { processWith } from '../../operators/process-with.ts';
import { reconnect } from '../../operators/reconnect.ts';
import { rejected } from '../../operators/rejected.ts';
import { sizeGate } from '../../operators/size-gate.ts';
import { lift } from '../../operators/stage.ts';
import { validate } from '../../operators/validate.ts';
import { watchdog } from '../../operators/watchdog.ts';
import { connect } from '../../src/connection/connect.ts';
import { frameStream } from '../../src/frame-stream.ts';
import { genesysTypes } from '../../src/genesys/payload-types.ts';

type Frame = ParsedFrame<typeof genesysTypes>;
const source: Observable<RawFrame> = EMPTY;
const parsed$ = source.pipe(decode(genesysTypes), validate());

describe('the types of a pipeline', () => {
  it('go through every operator, in the order of the design', () => {
    const outcomes$ = source.pipe(
      watchdog({ timeout: 1 }),
      reconnect(),
      preselect(genesysTypes, ['interaction.update']),
      sizeGate(),
      circuitBreaker(),
      decode(genesysTypes),
      validate(),
    );
    const end$ = outcomes$.pipe(
      checksum(),
      dedupe(),
      handover({ when$: EMPTY }),
      metrics(new Meter()),
      audit({ write: () => undefined }),
      share(),
    );
    expectTypeOf(end$).toEqualTypeOf<Observable<Frame | RejectedFrame>>();
    expectTypeOf(end$.pipe(accepted())).toEqualTypeOf<Observable<Frame>>();
    expectTypeOf(end$.pipe(rejected())).toEqualTypeOf<Observable<RejectedFrame>>();
  });

  it('let operators of RxJS and of one’s own stand between', () => {
    const textOnly = lift((frame: RawFrame) =>
      frame.isBinary ? reject(frame, 'text-only', 'binary', 'no text') : frame,
    );
    const ids$ = source.pipe(
      filter(({ byteLength }) => byteLength > 0),
      textOnly,
      decode(genesysTypes),
      validate(),
      accepted(),
      map(({ frameId }) => frameId),
    );
    expectTypeOf(ids$).toEqualTypeOf<Observable<string>>();
  });

  it('know what a consumer gives, and what it is given', () => {
    const results$ = parsed$.pipe(
      processWith((frame) => {
        expectTypeOf(frame).toEqualTypeOf<Frame>();
        return Promise.resolve(frame.byteLength);
      }),
    );
    expectTypeOf(results$).toEqualTypeOf<Observable<number | RejectedFrame>>();
    expectTypeOf(results$.pipe(accepted())).toEqualTypeOf<Observable<number>>();
    expectTypeOf(parsed$.pipe(chunked(), accepted())).toEqualTypeOf<Observable<ChunkedFrame<Frame>>>();
    // @ts-expect-error -- a consumer is asynchronous: a Promise or an Observable
    parsed$.pipe(processWith((frame) => frame.byteLength));
  });

  it('know the frames in the options of operators', () => {
    parsed$.pipe(dedupe({ identity: (frame) => frame.payloadType }));
    parsed$.pipe(detectGaps({ sequence: (frame) => frame.sequence, notices: { next: () => undefined } }));
    // @ts-expect-error -- an identity is a string
    parsed$.pipe(dedupe({ identity: (frame) => frame.sequence }));
    // @ts-expect-error -- no such payload type
    source.pipe(preselect(genesysTypes, ['interaction.updated']));
  });

  it('infer a matrix of one’s own, also with unknown types let through', () => {
    const types = definePayloadTypes(
      {
        trade: jsonType({ type: 'object', properties: { price: { type: 'number' } }, required: ['price'] }),
        raw: binaryType({ firstByte: 1 }),
      },
      { unknown: 'pass', type: ['header', 'kind'] },
    );
    source.pipe(decode(types), validate(), accepted()).subscribe((frame) => {
      expectTypeOf(frame.payloadType).toEqualTypeOf<'trade' | 'raw' | 'unknown'>();
      if (frame.payloadType === 'trade') expectTypeOf(frame.decodedData.price).toEqualTypeOf<number>();
      if (frame.payloadType === 'unknown') expectTypeOf(frame.decodedData).toEqualTypeOf<unknown>();
      // @ts-expect-error -- there is no such type to compare with
      if (frame.payloadType === 'trades') return;
    });
    // @ts-expect-error -- not a policy
    definePayloadTypes({ raw: binaryType({ firstByte: 1 }) }, { unknown: 'drop' });
  });

  it('keep frames as they are', () => {
    parsed$.pipe(accepted()).subscribe((frame) => {
      // @ts-expect-error -- frames are immutable
      frame.payloadType = 'keepalive';
      // @ts-expect-error -- frames are immutable
      frame.timestamp = 0;
    });
  });

  it('go through the preset', () => {
    const stream = frameStream({ env: 'eu-central-1', clientId: '', clientSecret: '' });
    expectTypeOf(stream.frames$).toEqualTypeOf<Observable<Frame>>();
    expectTypeOf(stream.outcomes$).toEqualTypeOf<Observable<Frame | RejectedFrame>>();
    const own = definePayloadTypes({ raw: binaryType({ firstByte: 1 }) });
    const { frames$ } = frameStream({ env: 'eu-central-1', clientId: '', clientSecret: '', types: own });
    expectTypeOf(frames$).toEqualTypeOf<Observable<ParsedFrame<typeof own>>>();
    // @ts-expect-error -- no such region
    frameStream({ env: 'eu-central-9', clientId: '', clientSecret: '' });
    // @ts-expect-error -- there is no connection without an address
    connect({ token: 'x' });
    // @ts-expect-error -- no such option
    connect({ url: 'wss://example.org', retries: 3 });
  });
});
