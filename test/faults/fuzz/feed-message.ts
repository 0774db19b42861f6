import { createHash } from 'node:crypto';
import fc, { type Arbitrary } from 'fast-check';
import { jsonText } from '../../../marble-tests/json-text.ts';
import { SCHEMAS } from './feed.ts';
import { Message } from './message.ts';
import { mutated } from './mutated.ts';
import { payloadBytes } from './payload-bytes.ts';

const UNSEALED = `sha-256=:${'0'.repeat(44)}:`;

/** Fills in the digest of a payload that has an unsealed one. */
function sealed(text: string): Uint8Array {
  const digest = createHash('sha256').update(text).digest('base64');
  return utf8(text.replace(UNSEALED, `sha-256=:${digest}:`));
}

const utf8 = (text: string) => new TextEncoder().encode(text);

const names = Object.keys(SCHEMAS);

/** Mostly what a schema asks for, now and then something else. */
function mostly<T, U>(right: Arbitrary<T>, wrong: Arbitrary<U>): Arbitrary<T | U> {
  return fc.oneof({ weight: 12, arbitrary: right }, { weight: 1, arbitrary: wrong });
}

/** Orders that are just, or nearly, what their schema says; some of them sealed. */
const order = fc
  .record(
    {
      type: fc.constant('order'),
      header: fc.constant({ kind: 'order' }),
      id: mostly(fc.string({ minLength: 1 }), fc.integer()),
      amount: mostly(fc.double({ noNaN: true, min: 0 }), fc.string({ maxLength: 3 })),
      at: mostly(fc.constant('2026-01-31T12:00:00Z'), fc.constantFrom('2026-01-31', '')),
      code: mostly(fc.constantFrom('DE7', 'AT42'), fc.string()),
      tags: mostly(fc.array(fc.string(), { maxLength: 3 }), fc.array(fc.integer(), { maxLength: 20 })),
      digest: mostly(fc.constant(UNSEALED), fc.string()),
    },
    { requiredKeys: ['type', 'header', 'id'] },
  )
  .map((value) => sealed(JSON.stringify(value)));

/** **Messages of the feed**, and whatever a sender could send in their place. */
export const feedMessage: Arbitrary<Message> = fc
  .tuple(
    fc.oneof(
      { weight: 1, arbitrary: order },
      { weight: 1, arbitrary: mutated(order) },
      { weight: 1, arbitrary: jsonText({ members: ['type'], values: names }).map(utf8) },
      {
        weight: 2,
        arbitrary: payloadBytes({
          members: ['type', 'type', 'type', 'header', 'kind', 'id', 'tags', 'child', 'digest', '__proto__'],
          values: [...names, ...names, 'media', 'unknown', 'constructor', UNSEALED],
          extreme: '{"type":"tree","header":{"kind":"tree"}',
        }),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom(0x80, 0x81, 0x7b), fc.uint8Array({ maxLength: 20 }))
          .map(([first, rest]) => Uint8Array.of(first, ...rest)),
      },
    ),
    fc.boolean(),
  )
  .map(([bytes, isBinary]) => new Message(bytes, isBinary));
