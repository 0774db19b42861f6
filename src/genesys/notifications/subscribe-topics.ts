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
 * **Sets the topics of a channel**, in one call, and gives those that were refused just now. One that was refused is not
 * asked for again on the same channel; of joined ones each is asked for by itself, so that only the one at fault is refused.
 */
export function subscribeTopics(
  channels: ChannelApi,
  channel: OwnChannel,
  topics: ReadonlySet<string>,
  clock: TimestampProvider,
): Observable<readonly RefusedTopic[]> {
  const wanted = [...topics].filter((topic) => !channel.refused.has(topic));
  if (isSame(channel.subscribed, wanted)) return of([]);
  const ids = joinTopics(wanted);
  return channels.replaceTopics(channel.id, ids).pipe(
    switchMap((results) => {
      const joined = results.filter(({ id, permitted }) => !permitted && splitTopic(id).length > 1).map(({ id }) => id);
      const singly = [...ids.filter((id) => !joined.includes(id)), ...joined.flatMap(splitTopic)];
      if (joined.length === 0 || singly.length > CHANNEL_CAPACITY) return of(results);
      return channels.replaceTopics(channel.id, singly);
    }),
    map((results) => {
      const refused = results.filter(({ permitted }) => !permitted).flatMap(refusedTopics);
      for (const { topic } of refused) channel.refused.add(topic);
      channel.prolong(clock.now());
      channel.subscribed = new Set(wanted.filter((topic) => !channel.refused.has(topic)));
      return refused;
    }),
  );
}

function refusedTopics({ id, reason, missingPermissions }: SubscriptionResult): readonly RefusedTopic[] {
  return splitTopic(id).map((topic) => ({ topic, reason, missingPermissions }));
}

function isSame(present: ReadonlySet<string> | undefined, wanted: readonly string[]): boolean {
  return present !== undefined && present.size === wanted.length && wanted.every((topic) => present.has(topic));
}
