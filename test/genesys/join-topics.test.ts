import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinTopics, splitTopic } from '../../src/genesys/notifications/join-topics.ts';

const USER = 'v2.users.7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10';

/** Topics of which many have a prefix in common, some so long that few of them fit into an id. */
const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('presence', 'routingStatus', 'station', 'conversations', 'calls') },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]{1,9}$/) },
  { weight: 1, arbitrary: fc.integer({ min: 10, max: 90 }).map((length) => 'x'.repeat(length)) },
);
const topic = fc
  .tuple(
    fc.constantFrom('v2', 'v2.users', USER, `${USER}.conversations`, `v2.${'long-'.repeat(35)}`),
    fc.array(part, { minLength: 1, maxLength: 2 }),
  )
  .map(([prefix, parts]) => [prefix, ...parts].join('.'))
  .filter(({ length }) => length <= 200);
const topicLists = fc.array(topic, { maxLength: 60, size: 'max' });

describe('joinTopics', () => {
  it('joins topics that differ in their last part', () => {
    expect(joinTopics([`${USER}.routingStatus`, `${USER}.presence`])).toStrictEqual([`${USER}?presence&routingStatus`]);
  });

  it('leaves a topic alone as it is', () => {
    expect(joinTopics([`${USER}.presence`])).toStrictEqual([`${USER}.presence`]);
    expect(joinTopics([`${USER}.presence`, `${USER}.presence`])).toStrictEqual([`${USER}.presence`]);
    expect(joinTopics([])).toStrictEqual([]);
  });

  it('joins no others', () => {
    const others = [
      `${USER}.conversations.calls`,
      `${USER}.presence`,
      'v2.routing.queues.a.users',
      'v2.users.b.presence',
    ];
    expect(joinTopics(others)).toStrictEqual(others.toSorted());
  });

  it('takes any iterable', () => {
    expect(joinTopics(new Set(['v2.a.c', 'v2.a.b']))).toStrictEqual(['v2.a?b&c']);
  });

  it('fills an id to 200 characters, and not one more', () => {
    const prefix = `v2.${'a'.repeat(93)}`;
    const [first, second, third] = ['b', 'c', 'd'].map((letter) => letter.repeat(51)) as [string, string, string];
    const fitting = `${prefix}?${first}&${second}`;
    expect(fitting).toHaveLength(200);
    expect(joinTopics([`${prefix}.${first}`, `${prefix}.${second}`])).toStrictEqual([fitting]);
    expect(joinTopics([`${prefix}.${first}`, `${prefix}.${second}`, `${prefix}.${third}`])).toStrictEqual([
      fitting,
      `${prefix}.${third}`,
    ]);
    const fourth = 'e'.repeat(51);
    expect(joinTopics([first, second, third, fourth].map((part) => `${prefix}.${part}`))).toStrictEqual([
      fitting,
      `${prefix}?${third}&${fourth}`,
    ]);
    expect(joinTopics([`${prefix}.${first}`, `${prefix}.${second}c`])).toStrictEqual([
      `${prefix}.${first}`,
      `${prefix}.${second}c`,
    ]);
  });

  it('leaves a topic that is too long as it is', () => {
    const tooLong = `v2.${'a'.repeat(200)}`;
    expect(joinTopics([tooLong, 'v2.b'])).toStrictEqual([tooLong, 'v2.b']);
  });

  it('loses none, has none twice, and makes no id too long', () => {
    fc.assert(
      fc.property(topicLists, (topics) => {
        const ids = joinTopics(topics);
        expect(ids.flatMap(splitTopic).toSorted()).toStrictEqual([...new Set(topics)].sort());
        expect(ids.length).toBeLessThanOrEqual(new Set(topics).size);
        for (const id of ids) expect(id.length).toBeLessThanOrEqual(200);
      }),
    );
  });

  it('gives the same ids, whatever the order', () => {
    fc.assert(
      fc.property(
        topicLists.chain((topics) =>
          fc.tuple(fc.constant(topics), fc.shuffledSubarray(topics, { minLength: topics.length })),
        ),
        ([topics, shuffled]) => {
          expect(joinTopics(shuffled)).toStrictEqual(joinTopics(topics));
        },
      ),
    );
  });

  it('needs no more ids for fewer topics', () => {
    fc.assert(
      fc.property(
        topicLists.chain((topics) => fc.tuple(fc.constant(topics), fc.subarray(topics))),
        ([topics, fewer]) => {
          expect(joinTopics(fewer).length).toBeLessThanOrEqual(joinTopics(topics).length);
        },
      ),
    );
  });
});

describe('splitTopic', () => {
  it.each([
    [`${USER}?presence&routingStatus`, [`${USER}.presence`, `${USER}.routingStatus`]],
    [`${USER}?presence`, [`${USER}.presence`]],
    [`${USER}.presence`, [`${USER}.presence`]],
  ])('takes %s apart', (id, topics) => {
    expect(splitTopic(id)).toStrictEqual(topics);
  });
});
