import type { StandardSchemaV1 } from '@standard-schema/spec';
import { EMPTY, type Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import { accepted } from '../../operators/accepted.ts';
import { checksum } from '../../operators/checksum.ts';
import { decode } from '../../operators/decode.ts';
import type { RawFrame, RejectedFrame } from '../../operators/frame.ts';
import { Meter } from '../../operators/meter.ts';
import { metrics } from '../../operators/metrics.ts';
import { ofType } from '../../operators/of-type.ts';
import { binaryType } from '../../operators/binary-type.ts';
import { jsonType } from '../../operators/json-type.ts';
import { definePayloadTypes, type ParsedFrame, type PayloadTypes } from '../../operators/payload-types.ts';
import { sizeGate } from '../../operators/size-gate.ts';
import { standardType } from '../../operators/standard-type.ts';
import { validate } from '../../operators/validate.ts';
import { genesysTypes } from '../../src/genesys/payload-types.ts';

const source: Observable<RawFrame> = EMPTY;

describe('the pipeline', () => {
  it('gives the union of the matrix', () => {
    const frames$ = source.pipe(sizeGate(), decode(genesysTypes), validate(), checksum(), accepted());
    expectTypeOf(frames$).toEqualTypeOf<Observable<ParsedFrame<typeof genesysTypes>>>();
    frames$.subscribe((frame) => {
      if (frame.payloadType === 'interaction.update') {
        expectTypeOf(frame.decodedData.id).toEqualTypeOf<string>();
        expectTypeOf(frame.decodedData.routing).toEqualTypeOf<{ [x: string]: unknown }>();
      } else if (frame.payloadType === 'telephony.media') {
        expectTypeOf(frame.decodedData).toEqualTypeOf<Uint8Array>();
      } else {
        expectTypeOf(frame.payloadType).toEqualTypeOf<'keepalive'>();
      }
    });
  });
  it('gives what a Standard Schema gives, and takes none but that where one is asked for', () => {
    const order: StandardSchemaV1<unknown, { readonly placed: Date }> = {
      '~standard': { version: 1, vendor: 'tiny', validate: () => ({ value: { placed: new Date(0) } }) },
    };
    const types = definePayloadTypes({ order: standardType(order, { identity: ({ placed }) => placed.toJSON() }) });
    source.pipe(decode(types), validate(), accepted(), ofType('order')).subscribe((frame) => {
      expectTypeOf(frame.decodedData.placed).toEqualTypeOf<Date>();
    });
    // @ts-expect-error -- a JSON Schema
    standardType({ type: 'object' });
    // @ts-expect-error -- a Standard Schema
    jsonType(order);
  });
  it('narrows by ofType with no cast', () => {
    source.pipe(decode(genesysTypes), validate(), accepted(), ofType('interaction.update')).subscribe((frame) => {
      expectTypeOf(frame.decodedData.id).toEqualTypeOf<string>();
    });
    // @ts-expect-error -- no such type
    source.pipe(decode(genesysTypes), validate(), accepted(), ofType('interaction.updated'));
    // @ts-expect-error -- no type at all
    source.pipe(decode(genesysTypes), validate(), accepted(), ofType());
    // @ts-expect-error -- names, not a list of them
    source.pipe(decode(genesysTypes), validate(), accepted(), ofType(['keepalive']));
    // @ts-expect-error -- validate needs decoded frames
    source.pipe(sizeGate(), validate());
    // @ts-expect-error -- checksum needs decoded frames
    source.pipe(sizeGate(), checksum());
    // @ts-expect-error -- size gate is for raw frames
    source.pipe(decode(genesysTypes), sizeGate());
  });
  it('leaves data unknown before validate', () => {
    source.pipe(decode(genesysTypes)).subscribe((frame) => {
      if (frame.kind === 'decoded') expectTypeOf(frame.decodedData).toEqualTypeOf<unknown>();
      else expectTypeOf(frame).toEqualTypeOf<RejectedFrame>();
    });
  });
  it('gives several types that are named as their union', () => {
    source.pipe(decode(genesysTypes), validate(), ofType('keepalive', 'telephony.media')).subscribe((frame) => {
      expectTypeOf(frame.payloadType).toEqualTypeOf<'keepalive' | 'telephony.media'>();
    });
  });
  it('may be generic over the matrix', () => {
    function framesOf<Types extends PayloadTypes>(raw$: Observable<RawFrame>, types: Types) {
      const outcomes$ = raw$.pipe(sizeGate(), decode(types), validate(), checksum(), metrics(new Meter()));
      const frames$: Observable<ParsedFrame<Types>> = outcomes$.pipe(accepted());
      return frames$;
    }
    expectTypeOf(framesOf(source, genesysTypes)).toEqualTypeOf<Observable<ParsedFrame<typeof genesysTypes>>>();
  });
  it('infers identity from the schema', () => {
    const types = definePayloadTypes({
      ...genesysTypes.rows,
      order: jsonType(
        {
          type: 'object',
          properties: { id: { type: 'string' }, n: { enum: [1, 2] } },
          required: ['id'],
          additionalProperties: false,
        },
        {
          identity: (order) => {
            expectTypeOf(order).toEqualTypeOf<{ id: string; n?: 1 | 2 }>();
            return order.id;
          },
        },
      ),
      pic: binaryType({ firstByte: 1 }),
    });
    source.pipe(decode(types), validate(), ofType('order')).subscribe((frame) => {
      expectTypeOf(frame.decodedData).toEqualTypeOf<{ id: string; n?: 1 | 2 }>();
    });
  });
});
