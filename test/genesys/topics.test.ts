import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedTopic, topicId, topics, topicTemplate } from '../../src/genesys/notifications/topics.ts';

const ID = '7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10';
const OTHER = '00000000-0000-0000-0000-000000000000';

/** Each well-known topic as it is made, and as the platform lists it. */
const wellKnown: readonly (readonly [string, string])[] = [
  [topics.user(ID).presence(), 'v2.users.{id}.presence'],
  [topics.user(ID).routingStatus(), 'v2.users.{id}.routingStatus'],
  [topics.user(ID).conversations(), 'v2.users.{id}.conversations'],
  [topics.queue(ID).conversations(), 'v2.routing.queues.{id}.conversations'],
  [topics.queue(ID).users(), 'v2.routing.queues.{id}.users'],
  [topics.queue(ID).observations(), 'v2.analytics.queues.{id}.observations'],
  [topics.conversation(ID).transcription(), 'v2.conversations.{id}.transcription'],
];

describe('topics', () => {
  it.each(wellKnown)('makes %s', (topic, template) => {
    expect(topic).toBe(template.replace('{id}', ID));
    expect(topics.raw(topic)).toBe(topic);
  });

  it('writes ids in lower case, as the platform does', () => {
    expect(topics.user(ID.toUpperCase()).presence()).toBe(`v2.users.${ID}.presence`);
    expect(topics.queue(ID.toUpperCase()).users()).toBe(`v2.routing.queues.${ID}.users`);
    expect(topics.conversation(ID.toUpperCase()).transcription()).toBe(`v2.conversations.${ID}.transcription`);
  });

  it('takes each form of a UUID, the null UUID too', () => {
    expect(topics.user(OTHER).presence()).toBe(`v2.users.${OTHER}.presence`);
  });

  it.each([
    ['', 'RangeError'],
    ['me', 'RangeError'],
    ['{id}', 'RangeError'],
    [ID.slice(1), 'RangeError'],
    [`${ID}0`, 'RangeError'],
    [` ${ID}`, 'RangeError'],
    [`${ID}\n`, 'RangeError'],
    [`{${ID}}`, 'RangeError'],
    [`urn:uuid:${ID}`, 'RangeError'],
    [ID.replaceAll('-', ''), 'RangeError'],
    [ID.replace('7', 'g'), 'RangeError'],
    [`${ID}.presence`, 'RangeError'],
    [undefined, 'TypeError'],
    [7, 'TypeError'],
    [[ID], 'TypeError'],
  ])('takes no %o for an id', (id, error) => {
    const allowed = 'id must be a UUID (RFC 9562: 8-4-4-4-12 hexadecimal digits), got ';
    for (const of of ['user', 'queue', 'conversation'] as const) {
      expect(() => topics[of](id as string)).toThrow(
        expect.objectContaining({
          name: error,
          message: expect.stringContaining(`topics.${of}: ${allowed}`) as string,
        }) as Error,
      );
    }
  });
});

describe('topics.raw', () => {
  it.each([
    `v2.users.${ID}.station`,
    `v2.system.no_longer_subscribed.${ID}`,
    'v2.quality.evaluations',
    'v2.audits.entitytype.some-type_1',
    `v2.${'a'.repeat(197)}`,
  ])('takes %s', (name) => {
    expect(topics.raw(name)).toBe(name);
  });

  it.each([
    'v2',
    'v2.',
    'v2..users',
    'v2.users.',
    'v1.users',
    'V2.users',
    'users.presence',
    ' v2.users',
    'v2.users\n',
    'v2.users.{id}.presence',
    'v2.users.*.presence',
    'v2.users.é',
    'v2.users&presence',
    '',
    `v2.${'a'.repeat(198)}`,
  ])('takes no %j', (name) => {
    expect(() => topics.raw(name)).toThrow(RangeError);
    expect(() => topics.raw(name)).toThrow(
      /^topics\.raw: name must be the name of a topic \(v2\. and parts .* at most 200 characters\), got "/,
    );
  });

  it('says that joining is done for you', () => {
    expect(() => topics.raw('v2.users.a?presence&station')).toThrow(
      new RangeError(
        'topics.raw: name must be one topic (topics are joined for you), got "v2.users.a?presence&station"',
      ),
    );
  });

  it.each<unknown>([undefined, 2, null, ['v2.users']])('takes no %o', (name) => {
    expect(() => topics.raw(name as string)).toThrow(TypeError);
  });
});

describe('checkedTopic', () => {
  it('names what was checked', () => {
    expect(checkedTopic('--topic', 'v2.quality.evaluations')).toBe('v2.quality.evaluations');
    expect(() => checkedTopic('--topic', 'quality')).toThrow(/^--topic must be the name of a topic /);
    expect(() => checkedTopic('--topic', 'v2.a?b&c')).toThrow(/^--topic must be one topic /);
  });
});

describe('topicTemplate', () => {
  it.each<readonly [string, string]>([
    ...wellKnown,
    [`v2.users.${ID.toUpperCase()}.presence`, 'v2.users.{id}.presence'],
    [`v2.flows.${ID}`, 'v2.flows.{id}'],
    [`v2.users.${ID}.conversations.${OTHER}.recordings`, 'v2.users.{id}.conversations.{id}.recordings'],
    [`v2.system.${ID}.${OTHER}`, 'v2.system.{id}.{id}'],
    ['v2.users.{id}.presence', 'v2.users.{id}.presence'],
    ['v2.quality.evaluations', 'v2.quality.evaluations'],
    ['channel.metadata', 'channel.metadata'],
    [`v2.users.x${ID}.presence`, `v2.users.x${ID}.presence`],
    [`v2.users.${ID}0.presence`, `v2.users.${ID}0.presence`],
    [ID, ID],
    ['', ''],
  ])('gives of %s %s', (topic, template) => {
    expect(topicTemplate(topic)).toBe(template);
    expect(topicTemplate(topic), 'a second time').toBe(template);
  });
});

describe('topicId', () => {
  it.each([
    [`v2.users.${ID}.presence`, ID],
    [`v2.users.${ID.toUpperCase()}.presence`, ID.toUpperCase()],
    [`v2.flows.${ID}`, ID],
    [`v2.users.${ID}.conversations.${OTHER}.recordings`, ID],
    ['v2.users.{id}.presence', undefined],
    ['v2.quality.evaluations', undefined],
    ['channel.metadata', undefined],
    [`v2.users.x${ID}.presence`, undefined],
    [ID, undefined],
    ['', undefined],
  ])('gives of %s %s', (topic, id) => {
    expect(topicId(topic)).toBe(id);
    expect(topicId(topic), 'a second time').toBe(id);
  });

  it('is what the topic was made with, whatever the id', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        for (const topic of [topics.user(id).presence(), topics.queue(id).observations()]) {
          expect(topicId(topic)).toBe(id);
          expect(topicTemplate(topic)).toBe(topic.replace(id, '{id}'));
        }
      }),
    );
  });
});
