import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { from, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../operators/decode.ts';
import { dedupe } from '../../../operators/dedupe.ts';
import { isRejected, type AnyFrame } from '../../../operators/frame.ts';
import { identityOf } from '../../../operators/identity.ts';
import { binaryType } from '../../../operators/binary-type.ts';
import { jsonType } from '../../../operators/json-type.ts';
import { definePayloadTypes } from '../../../operators/payload-types.ts';
import { validate } from '../../../operators/validate.ts';
import { fuzz } from './fuzz.ts';
import { Message } from './message.ts';

const event = { type: 'object', properties: { id: { type: 'string' } } } as const;
const ownId = jsonType(event, { identity: ({ id }) => id });

/** Types whose names and identities can be put together in confusing ways. */
const types = definePayloadTypes({
  a: ownId,
  'a:': ownId,
  'a:b': ownId,
  '': ownId,
  plain: jsonType(event),
  media: binaryType({ firstByte: 0x80, identity: (bytes) => (bytes.length > 2 ? String(bytes[1]) : undefined) }),
});

const message = fc.oneof(
  fc
    .record(
      {
        type: fc.constantFrom('a', 'a:', 'a:b', '', 'plain'),
        id: fc.string({ unit: fc.constantFrom('a', 'b', ':'), maxLength: 3 }),
        text: fc.constantFrom('x', 'y'),
      },
      { requiredKeys: ['type'] },
    )
    .map((value) => new Message(Buffer.from(JSON.stringify(value)), false)),
  fc
    .array(fc.integer({ min: 0x7f, max: 0x82 }), { maxLength: 3 })
    .map((bytes) => new Message(Uint8Array.of(0x80, ...bytes), true)),
);

/** What makes two messages the same, by the page on `dedupe`: the identity within a type, or else the digest. */
function plainIdentity({ bytes, isBinary }: Message): string {
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (isBinary) return JSON.stringify(bytes.length > 2 ? ['media', String(bytes[1])] : [digest]);
  const { type, id } = JSON.parse(Buffer.from(bytes).toString()) as { type: string; id?: string };
  return JSON.stringify(type !== 'plain' && id !== undefined ? [type, id] : [digest]);
}

function outcomesOf(messages: readonly Message[]): AnyFrame[] {
  const outcomes: AnyFrame[] = [];
  from(messages.map((one, sequence) => one.frame(sequence)))
    .pipe(decode(types), validate())
    .subscribe((outcome) => outcomes.push(outcome));
  return outcomes;
}

describe('identityOf', () => {
  it('is the same for two frames just where their types and identities are, or their bytes', async () => {
    await fuzz(fc.tuple(message, message), (pair) => {
      const [one, other] = outcomesOf(pair).map((outcome) => {
        if (isRejected(outcome)) throw new Error('all these messages are as their schemas say');
        return identityOf(outcome);
      });
      expect(one === other).toBe(plainIdentity(pair[0]) === plainIdentity(pair[1]));
    });
  });
});

describe('dedupe', () => {
  it('rejects what a plain list of the frames seen says was seen', async () => {
    const given = fc.record({
      arrivals: fc.array(fc.tuple(message, fc.constantFrom(0, 0, 1, 5, 10, 11)), { maxLength: 40 }),
      window: fc.constantFrom(1, 10, 1_000),
      maxEntries: fc.constantFrom(1, 3, 1_000),
    });
    await fuzz(given, ({ arrivals, window, maxEntries }) => {
      let now = 0;
      const arrived = arrivals.map(([one, later]) => ({ one, at: (now += later) }));

      let remembered: { readonly identity: string; readonly at: number }[] = [];
      const expected = arrived.map(({ one, at }) => {
        remembered = remembered.filter((entry) => at - entry.at < window);
        const identity = plainIdentity(one);
        if (remembered.some((entry) => entry.identity === identity)) return 'duplicate';
        remembered = [...remembered, { identity, at }].slice(-maxEntries);
        return 'new';
      });

      let turn = -1;
      const actual: string[] = [];
      from(outcomesOf(arrivals.map(([one]) => one)))
        .pipe(
          tap(() => (turn += 1)),
          dedupe({ window, maxEntries, scheduler: { now: () => arrived[turn]!.at } }),
        )
        .subscribe((outcome) => actual.push(isRejected(outcome) ? outcome.reason : 'new'));
      expect(actual).toStrictEqual(expected);
    });
  });
});
