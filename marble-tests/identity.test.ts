import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { identityOf } from '../operators/identity.ts';
import { binaryType } from '../operators/binary-type.ts';
import { jsonType } from '../operators/json-type.ts';
import { definePayloadTypes } from '../operators/payload-types.ts';
import { decodedFrame, parsedFrame, raw } from './marbles.ts';

const event = {
  type: 'object',
  properties: { id: { type: 'string' } },
} as const;

const types = definePayloadTypes({
  event: jsonType(event, { identity: ({ id }) => id }),
  other: jsonType(event, { identity: ({ id }) => id }),
  plain: jsonType(event),
  media: binaryType({ firstByte: 0x80, identity: (_, { sequence }) => String(sequence) }),
});

const digest = (bytes: string) => createHash('sha256').update(bytes).digest('base64');

describe('identityOf', () => {
  it('is what the payload type says, once the frame is validated', () => {
    expect(identityOf(parsedFrame(types, 'event', { id: 'e1', text: 'a' }))).toBe('5:event:e1');
    expect(identityOf(parsedFrame(types, 'media', Uint8Array.of(0x80), { sequence: 7 }))).toBe('5:media:7');
  });

  it('is the digest of the payload where the type is unknown', () => {
    expect(identityOf(parsedFrame(types, 'unknown', { id: 'e1' }))).toBe(digest('{"id":"e1"}'));
  });

  it('tells equal identities of two types apart', () => {
    expect(identityOf(parsedFrame(types, 'event', { id: 'e1' }))).not.toBe(
      identityOf(parsedFrame(types, 'other', { id: 'e1' })),
    );
  });

  it('tells two types apart where name and identity read the same together', () => {
    const confusing = definePayloadTypes({
      a: jsonType(event, { identity: ({ id }) => id }),
      'a:b': jsonType(event, { identity: ({ id }) => id }),
    });
    expect(identityOf(parsedFrame(confusing, 'a', { id: 'b:c' }))).not.toBe(
      identityOf(parsedFrame(confusing, 'a:b', { id: 'c' })),
    );
  });

  it('is the digest of the bytes as received in every other case', () => {
    expect(identityOf(raw('{"id":"e1"}'))).toBe(digest('{"id":"e1"}'));
    expect(identityOf(decodedFrame(types, 'event', { id: 'e1' })), 'not validated').toBe(digest('{"id":"e1"}'));
    expect(identityOf(parsedFrame(types, 'plain', { id: 'e1' })), 'a type without one').toBe(digest('{"id":"e1"}'));
    expect(identityOf(parsedFrame(types, 'event', {})), 'an event without one').toBe(digest('{}'));
  });

  it('takes an empty identity for one', () => {
    expect(identityOf(parsedFrame(types, 'event', { id: '' }))).toBe('5:event:');
  });
});
