import { map, of, switchMap, type Observable, type TimestampProvider } from 'rxjs';
import type { ChannelApi, SubscriptionResult } from './channel-api.ts';
import { CHANNEL_CAPACITY } from './channel-capacity.ts';
import { joinTopics, splitTopic } from './join-topics.ts';
import type { OwnChannel } from './own-channel.ts';

/** A topic that the platform did not take. */
export interface RefusedTopic {
  readonly topic: string;
  /** As the platform says it; undefined where it says nothing. */
  readonly reason: string | undefined;
  readonly missingPermissions: readonly string[];
}

/**
 * **Sets the topics of a channel**, in one call, and gives those that were refused just now. One that was refused is not asked for
 * again on the same channel, while it is wanted. Of joined ones each is asked for by itself, so that only the one at fault is refused.
 */
export function subscribeTopics(
  channels: ChannelApi,
  channel: OwnChannel,
  topics: ReadonlySet<string>,
  clock: TimestampProvider,
): Observable<readonly RefusedTopic[]> {
  for (const topic of channel.refused) if (!topics.has(topic)) channel.refused.delete(topic);
  const wanted = [...topics].filter((topic) => !channel.refused.has(topic));
  if (!channel.isUncertain && isSame(channel.topics, wanted)) return of([]);

  const ids = subscriptionsFor(channel, wanted);
  channel.isUncertain = true;
  return channels.replaceTopics(channel.id, ids).pipe(
    switchMap((results) => {
      const joined = results.filter(({ id, permitted }) => !permitted && splitTopic(id).length > 1).map(({ id }) => id);
      const singly = [...ids.filter((id) => !joined.includes(id)), ...joined.flatMap(splitTopic)];
      if (joined.length === 0 || singly.length > CHANNEL_CAPACITY) return of({ asked: ids, results });
      return channels.replaceTopics(channel.id, singly).pipe(map((results) => ({ asked: singly, results })));
    }),
    map(({ asked, results }) => {
      const refusals = new Map(results.filter(({ permitted }) => !permitted).map((result) => [result.id, result]));
      const refused = [...refusals.values()].flatMap(refusedTopics);
      for (const { topic } of refused) channel.refused.add(topic);
      const taken = asked.filter((id) => !refusals.has(id));
      channel.subscribed(taken, clock.now());
      return refused;
    }),
  );
}

/**
 * New topics are joined among themselves only: were one joined with a topic that is subscribed, and refused, that would be off until
 * the next call. Where this takes more subscriptions than a channel holds, all are joined.
 */
function subscriptionsFor(channel: OwnChannel, wanted: readonly string[]): readonly string[] {
  const set = new Set(wanted);
  const kept = channel.subscriptions.flatMap((id) => joinTopics(splitTopic(id).filter((topic) => set.has(topic))));
  const ids = [...kept, ...joinTopics(wanted.filter((topic) => !channel.topics.has(topic)))];
  return ids.length <= CHANNEL_CAPACITY ? ids : joinTopics(wanted);
}

function refusedTopics({ id, reason, missingPermissions }: SubscriptionResult): readonly RefusedTopic[] {
  return splitTopic(id).map((topic) => ({ topic, reason, missingPermissions }));
}

function isSame(present: ReadonlySet<string>, wanted: readonly string[]): boolean {
  return present.size === wanted.length && wanted.every((topic) => present.has(topic));
}
