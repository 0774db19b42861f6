import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChannelPlan, type PlannedChannel } from '../../src/genesys/notifications/channel-plan.ts';
import { joinTopics } from '../../src/genesys/notifications/join-topics.ts';

const user = (nth: number, of = 'presence') => `v2.users.u${nth}.${of}`;
const users = (count: number, from = 0) => new Set(Array.from({ length: count }, (_, nth) => user(from + nth)));
const sizes = (channels: readonly PlannedChannel[]) => channels.map(({ topics }) => topics.size);

describe('ChannelPlan', () => {
  it('needs no channel for no topics, and one for a few', () => {
    const plan = new ChannelPlan();
    expect(plan.want(new Set())).toStrictEqual([]);
    expect(sizes(plan.want(users(3)))).toStrictEqual([3]);
    expect(plan.want(new Set())).toStrictEqual([]);
  });

  it('spreads what one does not hold, alike', () => {
    expect(sizes(new ChannelPlan().want(users(1_000)))).toStrictEqual([1_000]);
    expect(sizes(new ChannelPlan().want(users(3_500)))).toStrictEqual([875, 875, 875, 875]);
  });

  it('counts topics that are joined as one', () => {
    const topics = new Set(
      Array.from({ length: 1_000 }, (_, nth) => [
        user(nth),
        user(nth, 'routingStatus'),
        user(nth, 'geolocation'),
      ]).flat(),
    );
    expect(sizes(new ChannelPlan().want(topics))).toStrictEqual([3_000]);
  });

  it('leaves topics where they are, and puts those that can be joined together', () => {
    const plan = new ChannelPlan();
    const before = plan.want(users(1_500));
    const after = plan.want(new Set([...users(1_500), user(3, 'routingStatus'), ...users(10, 2_000)]));
    expect(after).toStrictEqual(before);
    const home = after.find(({ topics }) => topics.has(user(3)));
    expect(home?.topics.has(user(3, 'routingStatus'))).toBe(true);
    expect(sizes(after).sort()).toStrictEqual([755, 756]);
  });

  it('gives a channel up where the others have room for its topics, and some left', () => {
    const plan = new ChannelPlan();
    plan.want(users(1_500));
    expect(plan.want(users(800))).toHaveLength(2);
    const [last] = plan.want(users(700));
    expect(plan.want(users(700))).toStrictEqual([last]);
    expect(last?.topics).toStrictEqual(users(700));
  });

  it('has each topic on one channel and no channel too full, whatever is wanted one after the other', () => {
    const topic = fc
      .tuple(fc.nat(1_200), fc.constantFrom('presence', 'routingStatus', 'conversations'))
      .map(([nth, of]) => user(nth, of));
    const wishes = fc.array(fc.uniqueArray(topic, { maxLength: 3_000, size: 'max' }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(wishes, (wishes) => {
        const plan = new ChannelPlan();
        for (const wish of wishes) {
          const channels = plan.want(new Set(wish));
          expect(channels.flatMap(({ topics }) => [...topics]).sort()).toStrictEqual([...wish].sort());
          for (const channel of channels) {
            expect(channel.weight).toBe(joinTopics(channel.topics).length);
            expect(channel.weight).toBeLessThanOrEqual(1_000);
          }
          const fewest = Math.ceil(joinTopics(wish).length / 1_000);
          expect(channels.length).toBeLessThanOrEqual(fewest + 1);
        }
      }),
      { numRuns: 5 },
    );
  });
});
