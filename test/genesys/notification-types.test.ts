import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { decode } from '../../operators/decode.ts';
import { dedupe } from '../../operators/dedupe.ts';
import { isRejected, type Receipt } from '../../operators/frame.ts';
import { jsonType } from '../../operators/json-type.ts';
import { ofType } from '../../operators/of-type.ts';
import type { PayloadType } from '../../operators/payload-type.ts';
import type { PayloadTypes } from '../../operators/payload-types.ts';
import { validate } from '../../operators/validate.ts';
import { messageIdentity } from '../../src/genesys/notifications/event-identity.ts';
import { defineNotificationTypes, notificationTypes } from '../../src/genesys/notifications/notification-types.ts';
import { topicType } from '../../src/genesys/notifications/topic-type.ts';
import { topicId } from '../../src/genesys/notifications/topics.ts';
import { frames } from '../../src/testing/frames.ts';

const ID = '7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10';
const TIME = '2026-11-24T09:00:00.000Z';

/** An event body of each well-known topic, with members of every depth. */
const bodies = {
  'v2.users.{id}.presence': {
    source: 'PURECLOUD',
    presenceDefinition: { id: ID, systemPresence: 'AVAILABLE' },
    primary: true,
    message: '',
    modifiedDate: TIME,
  },
  'v2.users.{id}.routingStatus': { id: ID, routingStatus: { status: 'IDLE', startTime: TIME } },
  'v2.users.{id}.conversations': {
    id: ID,
    participants: [
      {
        id: ID,
        purpose: 'agent',
        attributes: { key: 'value' },
        conversationRoutingData: {
          queue: { id: ID },
          skills: [{ id: ID }],
          scoredAgents: [{ agent: { id: ID }, score: 7 }],
        },
        calls: [{ id: ID, state: 'connected', held: false, self: { addressRaw: 'sip:a' }, connectedTime: TIME }],
        messages: [{ id: ID, messages: [{ messageId: ID, media: [{ url: 'https://example.org' }] }] }],
      },
    ],
  },
  'v2.routing.queues.{id}.conversations': { id: ID, participants: [{ purpose: 'acd', queueId: ID }], divisions: [] },
  'v2.routing.queues.{id}.users': { id: ID, user: { id: ID }, queueId: ID, joined: true },
  'v2.analytics.queues.{id}.observations': {
    group: { queueId: ID, mediaType: 'voice' },
    data: [{ interval: `${TIME}/${TIME}`, metrics: [{ metric: 'oWaiting', stats: { count: 3 } }] }],
  },
  'v2.conversations.{id}.transcription': {
    conversationId: ID,
    transcripts: [{ isFinal: true, alternatives: [{ confidence: 0.9, words: [{ word: 'hello', offsetMs: 5 }] }] }],
  },
} as const;
const wellKnown = Object.entries(bodies);

const sent = (...messages: readonly unknown[]) => from(messages.map((message) => frames.raw(JSON.stringify(message))));

/** What comes of a message. */
const outcomeOf = (message: unknown, types: PayloadTypes = notificationTypes) =>
  lastValueFrom(sent(message).pipe(decode(types), validate()));

const eventOf = (template: string, eventBody: unknown) => ({
  topicName: template.replaceAll('{id}', ID),
  version: '2',
  eventBody,
  metadata: { CorrelationId: ID },
});

/** A value with another in place of one of its members or items, for each of them, however deep. */
function variants(value: unknown, replacement: (old: unknown, name: string) => unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    [replacement(member, name), ...variants(member, replacement)].map((changed) =>
      Array.isArray(value)
        ? value.map((item: unknown, at) => (String(at) === name ? changed : item))
        : { ...value, [name]: changed },
    ),
  );
}

describe('notificationTypes', () => {
  it.each(wellKnown)('knows the events of %s', async (template, body) => {
    const message = eventOf(template, body);
    const frame = await outcomeOf(message);
    expect(frame).toMatchObject({ kind: 'parsed', payloadType: template, decodedData: message });
  });

  it('has the topic’s id at hand', async () => {
    const { decodedData } = await lastValueFrom(
      sent(eventOf('v2.users.{id}.presence', {})).pipe(
        decode(notificationTypes),
        validate(),
        ofType('v2.users.{id}.presence'),
      ),
    );
    expect(topicId(decodedData.topicName)).toBe(ID);
  });

  it.each(wellKnown)('tolerates added members in %s, at every depth', async (template, body) => {
    const added = { some: { thing: ['new'] } };
    // Where names are chosen by somebody, each is known.
    const chosen = ['attributes', 'group', 'stats'];
    const changed = variants(body, (member, name) =>
      typeof member === 'object' && !Array.isArray(member) && !chosen.includes(name) ? { ...member, added } : member,
    );
    for (const eventBody of [...changed, { ...body, added, constructor: 1 }]) {
      const message = { ...eventOf(template, eventBody), added };
      expect(await outcomeOf(message)).toMatchObject({ kind: 'parsed', decodedData: message });
    }
  });

  it.each(wellKnown)('takes %s without any member', async (template) => {
    expect(await outcomeOf({ topicName: template.replace('{id}', ID), eventBody: {} })).toMatchObject({
      kind: 'parsed',
      payloadType: template,
    });
  });

  it.each(wellKnown)('takes null for each member of %s', async (template, body) => {
    const isItem = (value: unknown) => typeof value === 'object' && !Array.isArray(value);
    const nulls = Object.keys(body).map((name) => ({ ...body, [name]: null }));
    const deep = variants(body, (member) =>
      isItem(member) ? Object.fromEntries(Object.keys(member as object).map((name) => [name, null])) : member,
    );
    for (const eventBody of [...nulls, ...deep]) {
      expect(await outcomeOf(eventOf(template, eventBody))).toMatchObject({ kind: 'parsed' });
    }
    expect(await outcomeOf({ ...eventOf(template, body), version: null, metadata: null })).toMatchObject({
      kind: 'parsed',
    });
  });

  it.each(wellKnown)('rejects %s where a member is of a wrong type, at every depth', async (template, body) => {
    const wrong = variants(body, (member) => (typeof member === 'string' ? 7 : 'wrong'));
    expect(wrong.length).toBeGreaterThan(2);
    for (const eventBody of [...wrong, null, [], 'text']) {
      expect(await outcomeOf(eventOf(template, eventBody))).toMatchObject({
        kind: 'rejected',
        payloadType: template,
        reason: 'schema',
      });
    }
  });

  it.each([
    ['channel.metadata', { topicName: 'channel.metadata', eventBody: { message: 'WebSocket Heartbeat' } }],
    ['channel.metadata', { topicName: 'channel.metadata', eventBody: { message: 'pong' } }],
    ['v2.system.socket_closing', { topicName: 'v2.system.socket_closing', eventBody: { message: 'soon' } }],
    ['v2.system.socket_closing', { topicName: 'v2.system.socket_closing', eventBody: { other: 1 } }],
    ['channel.result', { result: '404', message: 'gone' }],
    ['channel.result', { result: '200', status: 'subscribed', topics: ['v2.a'] }],
    ['notification', { topicName: `v2.users.${ID}.station`, eventBody: { associatedStation: null } }],
    ['notification', { topicName: `v2.system.token_revoked.${ID}`, eventBody: {} }],
    ['notification', { topicName: 'notification', eventBody: {} }],
    ['notification', { topicName: 'channel.result', eventBody: {} }],
    ['notification', { topicName: 'toString', eventBody: {} }],
    ['notification', { topicName: '__proto__', eventBody: {} }],
    ['notification', { topicName: 'v2.users.me.presence', eventBody: {} }],
    ['notification', { topicName: `v2.users.${ID}.conversations.calls`, eventBody: {} }],
  ])('finds %s in %j', async (payloadType, message) => {
    expect(await outcomeOf(message)).toMatchObject({ kind: 'parsed', payloadType, decodedData: message });
  });

  it.each<[string, unknown]>([
    ['schema', { topicName: `v2.users.${ID}.station` }],
    ['schema', { topicName: `v2.users.${ID}.station`, eventBody: 'text' }],
    ['schema', { topicName: `v2.users.${ID}.presence` }],
    ['schema', { topicName: 'channel.metadata', eventBody: { message: 5 } }],
    ['schema', { topicName: 'channel.metadata', eventBody: {}, metadata: { CorrelationId: 5 } }],
    ['schema', { result: 404 }],
    ['unknown-type', { eventBody: {} }],
    ['unknown-type', { topicName: 5, eventBody: {} }],
    ['unknown-type', { message: 'pong' }],
    ['unknown-type', {}],
    ['unknown-type', [{ topicName: `v2.users.${ID}.presence`, eventBody: {} }]],
    ['unknown-type', null],
    ['unknown-type', 'text'],
  ])('rejects as %s %j', async (reason, message) => {
    expect(await outcomeOf(message)).toMatchObject({ kind: 'rejected', reason });
  });

  it.each<[unknown, string | undefined, string]>([
    [null, undefined, 'the payload names no type'],
    [{ topicName: 'v2.a' }, undefined, "must have 'eventBody'"],
    [{ topicName: 'v2.a', eventBody: null }, undefined, "must have 'eventBody'"],
    [{ topicName: 'v2.a', eventBody: [] }, '/eventBody', 'must be object'],
    [{ topicName: 'v2.a', version: 2, eventBody: {} }, '/version', 'must be string'],
    [eventOf('v2.users.{id}.presence', { primary: 'yes' }), '/eventBody/primary', 'must be boolean'],
    [
      eventOf('v2.users.{id}.conversations', { participants: [{}, { calls: [{ held: 1, muted: 1 }] }] }),
      '/eventBody/participants/1/calls/0/held',
      'must be boolean',
    ],
    [eventOf('v2.users.{id}.conversations', { participants: {} }), '/eventBody/participants', 'must be array'],
    [
      eventOf('v2.users.{id}.conversations', { participants: [{ attributes: { '~/': 1 } }] }),
      '/eventBody/participants/0/attributes/~0~1',
      'must be string',
    ],
    [
      eventOf('v2.users.{id}.conversations', { participants: [{ wrapup: { durationSeconds: '1' } }] }),
      '/eventBody/participants/0/wrapup/durationSeconds',
      'must be number',
    ],
  ])('says of %j what is wrong, and where', async (message, path, said) => {
    const expected = path === undefined ? { message: said } : { message: said, path };
    expect(await outcomeOf(message)).toMatchObject({ kind: 'rejected', issues: [expected] });
  });

  it('shows nothing that a terminal could take for a command', async () => {
    const body = { participants: [{ attributes: { '\u001b[2J': 1 } }] };
    expect(await outcomeOf(eventOf('v2.users.{id}.conversations', body))).toMatchObject({
      issues: [{ path: '/eventBody/participants/0/attributes/\ufffd[2J' }],
    });
  });

  it('makes one event of the same event, and many of heartbeats', async () => {
    const event = eventOf('v2.users.{id}.presence', bodies['v2.users.{id}.presence']);
    const heartbeat = { topicName: 'channel.metadata', eventBody: { message: 'WebSocket Heartbeat' } };
    const revoked = { topicName: `v2.system.token_revoked.${ID}`, eventBody: {} };
    const result = { result: '200', status: 'subscribed' };
    const other = { topicName: `v2.users.${ID}.station`, eventBody: {} };
    const again = { metadata: event.metadata, eventBody: event.eventBody, topicName: event.topicName };
    const once = [event, heartbeat, revoked, result, other];
    const twice = sent(...once, again, heartbeat, revoked, result, other);
    const outcomes = await lastValueFrom(twice.pipe(decode(notificationTypes), validate(), dedupe(), toArray()));
    const rejected = outcomes.map((outcome) => isRejected(outcome));
    expect(rejected).toStrictEqual([false, false, false, false, false, true, false, false, false, true]);
  });
});

describe('defineNotificationTypes', () => {
  const station = topicType({
    type: 'object',
    properties: { associatedStation: { type: 'object', properties: { id: { type: 'string' } } } },
  });

  it('adds the events of more topics to those that are known', async () => {
    const types = defineNotificationTypes({ 'v2.users.{id}.station': station });
    const outcomes = await Promise.all(
      [
        { topicName: `v2.users.${ID}.station`, eventBody: { associatedStation: { id: ID } } },
        { topicName: `v2.users.${ID}.station`, eventBody: { associatedStation: { id: 5 } } },
        { topicName: `v2.users.${ID}.presence`, eventBody: {} },
        { topicName: `v2.users.${ID}.other`, eventBody: {} },
      ].map((message) => outcomeOf(message, types)),
    );
    expect(outcomes.map(({ kind, payloadType }) => [kind, payloadType])).toStrictEqual([
      ['parsed', 'v2.users.{id}.station'],
      ['rejected', 'v2.users.{id}.station'],
      ['parsed', 'v2.users.{id}.presence'],
      ['parsed', 'notification'],
    ]);
  });

  it.each([
    ['v2.quality.evaluations', 'v2.quality.evaluations'],
    ['v2.audits.entitytype.{id}.entityid.{id}', `v2.audits.entitytype.${ID}.entityid.${ID}`],
  ])('takes %s for a topic', async (name, topicName) => {
    const types = defineNotificationTypes({ [name as 'v2.']: jsonType(true) });
    expect(await outcomeOf({ topicName, eventBody: {} }, types)).toMatchObject({ kind: 'parsed', payloadType: name });
  });

  it.each<[unknown, string | RegExp]>([
    [
      { 'v2.users.{id}.presence': station },
      'TypeError: defineNotificationTypes: "v2.users.{id}.presence" has a type already',
    ],
    [{ 'channel.metadata': station }, 'TypeError: defineNotificationTypes: "channel.metadata" has a type already'],
    ...[`v2.users.${ID}.station`, 'station', 'v2.users.{userId}.station', 'notification', 'channel.result'].map(
      (name): [unknown, string] => [
        { [name]: station },
        `RangeError: defineNotificationTypes: a name must be a topic with {id} in place of each id, got "${name}"`,
      ],
    ),
    [null, 'TypeError: defineNotificationTypes: rows must be an object, got null'],
    [
      { 'v2.users.{id}.station': {} },
      'TypeError: definePayloadTypes: "v2.users.{id}.station" must be made by jsonType() or binaryType(), got an object',
    ],
    [
      { 'v2.users.{id}.station': topicType({ type: 'thing' } as never) },
      /^TypeError: definePayloadTypes: the schema of "v2\.users\.\{id\}\.station" is not valid: /,
    ],
  ])('refuses %j', (rows, message) => {
    const said =
      typeof message === 'string' ? (error: string) => error === message : (error: string) => message.test(error);
    expect(() => defineNotificationTypes(rows as Readonly<Record<'v2.', PayloadType<unknown>>>)).toThrow(
      expect.toSatisfy((error) => said(String(error))) as Error,
    );
  });
});

describe('topicType', () => {
  const type = topicType({ type: 'object', properties: { id: { type: 'string' } } });
  const event = { topicName: `v2.flows.${ID}`, eventBody: { id: ID } };
  const place = { connectionId: 'a', sequence: 7 } as Receipt;

  it.each<[boolean, unknown]>([
    [true, event],
    [true, { ...event, eventBody: {}, version: '2', metadata: { CorrelationId: ID, added: 1 }, added: 1 }],
    [true, { ...event, version: null, metadata: { CorrelationId: null } }],
    [true, { ...event, metadata: null }],
    [false, { ...event, topicName: 5 }],
    [false, { topicName: event.topicName }],
    [false, { eventBody: {} }],
    [false, { ...event, eventBody: { id: 5 } }],
    [false, { ...event, version: 2 }],
    [false, { ...event, metadata: 'text' }],
    [false, { ...event, metadata: { CorrelationId: 5 } }],
    [false, 'text'],
  ])('is %s for %j', (valid, message) => {
    expect(type.validator('fast')?.(message, 1, 1) === message).toBe(valid);
  });

  it('has the identity of events', () => {
    const identities = [event, { ...event, version: '3' }, { ...event, eventBody: {} }].map((message) =>
      type.identity?.(message, place),
    );
    expect(identities).toStrictEqual([messageIdentity(event), messageIdentity(event), expect.any(String)]);
    expect(identities[2]).not.toBe(identities[0]);
  });
});
