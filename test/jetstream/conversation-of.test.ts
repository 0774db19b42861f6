import { firstValueFrom, of } from 'rxjs';
import { expect, it } from 'vitest';
import { decode } from '../../operators/decode.ts';
import { jsonType } from '../../operators/json-type.ts';
import { definePayloadTypes } from '../../operators/payload-types.ts';
import { conversationOf } from '../../src/jetstream/publish/conversation-of.ts';
import { rawFrame } from './calls.ts';

const USER = '7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10';
const types = definePayloadTypes({ any: jsonType({}) }, { type: () => 'any' });

it.each([
  [{ conversationId: 'c1', id: 'x' }, 'c1'],
  [{ id: 'c2' }, 'c2'],
  [{ topicName: `v2.users.${USER}.presence`, eventBody: { id: 'x' } }, USER],
  [{ topicName: `v2.users.${USER}.conversations`, eventBody: { id: 'c3' } }, 'c3'],
  [{ topicName: `v2.routing.queues.${USER}.conversations`, eventBody: null }, USER],
  [{ topicName: `v2.conversations.${USER}.transcription`, eventBody: { conversationId: 'c4' } }, 'c4'],
  [{ topicName: 'channel.metadata', eventBody: {} }, undefined],
  [{ id: 7 }, undefined],
  [null, undefined],
  ['text', undefined],
])('finds in %j: %s', async (message, conversation) => {
  const frame = await firstValueFrom(of(rawFrame(JSON.stringify(message))).pipe(decode(types)));
  expect(conversationOf(frame)).toBe(conversation);
});

it('finds nothing in what is not decoded', () => {
  expect(conversationOf(rawFrame('{"id":"c1"}'))).toBe(undefined);
});
