import { BehaviorSubject, defer, finalize, ignoreElements, merge, share, Subject, tap, type Observable } from 'rxjs';
import { decode } from '../../../operators/decode.ts';
import { isRejected, type RejectedFrame } from '../../../operators/frame.ts';
import type { ParsedFrame } from '../../../operators/payload-types.ts';
import { validate } from '../../../operators/validate.ts';
import { notificationTypes } from './notification-types.ts';
import { notifications, type NotificationsOptions } from './notifications.ts';
import { checkedTopic, type Topic } from './topics.ts';

type Frame = ParsedFrame<typeof notificationTypes>;

/** The frames of the topic of that name; of one whose name the compiler does not know, any event. */
export type TopicFrame<Name extends Topic> = Topic extends Name
  ? Extract<Frame, { readonly decodedData: { readonly topicName: string } }>
  : Extract<Frame, { readonly payloadType: TemplateOf<Name> }>;

type TemplateOf<Name extends Topic> = Name extends `v2.users.${string}.presence`
  ? 'v2.users.{id}.presence'
  : Name extends `v2.users.${string}.routingStatus`
    ? 'v2.users.{id}.routingStatus'
    : Name extends `v2.users.${string}.conversations`
      ? 'v2.users.{id}.conversations'
      : Name extends `v2.routing.queues.${string}.conversations`
        ? 'v2.routing.queues.{id}.conversations'
        : Name extends `v2.routing.queues.${string}.users`
          ? 'v2.routing.queues.{id}.users'
          : Name extends `v2.analytics.queues.${string}.observations`
            ? 'v2.analytics.queues.{id}.observations'
            : Name extends `v2.conversations.${string}.transcription`
              ? 'v2.conversations.{id}.transcription'
              : 'notification';

/** What {@link topicEvents} gives. */
export interface TopicEvents {
  /**
   * The events of a topic, each a frame. Ten that subscribe to the same topic share one subscription with the platform, which
   * ends with the last of them.
   *
   * @throws TypeError or RangeError at the call, where this can be the name of no topic
   */
  topic$<const Name extends Topic>(this: void, topic: Name): Observable<TopicFrame<Name>>;
  /** Every outcome of all topics that are subscribed to, rejected frames and heartbeats too. Subscribes to none by itself. */
  readonly outcomes$: Observable<Frame | RejectedFrame>;
}

/**
 * **The events of topics, each topic an Observable of its own**, over as few channels as they need. What is subscribed to, and
 * only that, is subscribed on the platform.
 *
 * ```ts
 * const { topic$ } = topicEvents({ api });
 * topic$(topics.user(id).presence()).subscribe(({ decodedData }) => console.log(decodedData.eventBody.presenceDefinition));
 * ```
 *
 * @param options - those of `notifications`, without `topics`
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function topicEvents(options: Omit<NotificationsOptions, 'topics'>): TopicEvents {
  const wanted$ = new BehaviorSubject<readonly Topic[]>([]);
  const listeners = new Map<Topic, Subject<Frame>>();
  const shared = new Map<Topic, Observable<Frame>>();

  const outcomes$ = notifications({ ...options, topics: wanted$ }).pipe(decode(notificationTypes), validate(), share());
  /** One subscription for all topics: each frame is looked up, and not shown to every listener. */
  const dispatch$ = outcomes$.pipe(
    tap((outcome) => {
      if (isRejected(outcome) || outcome.payloadType === 'channel.result') return;
      listeners.get(outcome.decodedData.topicName as Topic)?.next(outcome);
    }),
    ignoreElements(),
    share(),
  );

  const events = (topic: Topic): Observable<Frame> =>
    defer(() => {
      const events$ = new Subject<Frame>();
      listeners.set(topic, events$);
      wanted$.next([...listeners.keys()]);
      return merge(dispatch$, events$).pipe(
        finalize(() => {
          // Who subscribes again inside an error is there before this.
          if (listeners.get(topic) !== events$) return;
          listeners.delete(topic);
          shared.delete(topic);
          wanted$.next([...listeners.keys()]);
        }),
      );
    }).pipe(share());

  return {
    outcomes$,
    topic$<const Name extends Topic>(topic: Name) {
      checkedTopic('topicEvents: topic', topic);
      const frames$ = defer(() => {
        const known = shared.get(topic) ?? events(topic);
        shared.set(topic, known);
        return known;
      });
      return frames$ as unknown as Observable<TopicFrame<Name>>;
    },
  };
}
