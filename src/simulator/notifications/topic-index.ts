/** Who gets the events of a topic. */
export interface TopicIndex<Subscriber> {
  /** The subscribers of a topic; undefined where there is none. */
  of(topicName: string): ReadonlySet<Subscriber> | undefined;
  /** Takes note that a subscriber has these topics from now on, and no others. */
  set(subscriber: Subscriber, topicNames: ReadonlySet<string>): void;
}

/** **Finds the subscribers of a topic at the cost of one look-up**, however many there are. */
export function topicIndex<Subscriber>(): TopicIndex<Subscriber> {
  const byTopic = new Map<string, Set<Subscriber>>();
  const bySubscriber = new Map<Subscriber, ReadonlySet<string>>();
  return {
    of: (topicName) => byTopic.get(topicName),
    set: (subscriber, topicNames) => {
      for (const topicName of bySubscriber.get(subscriber) ?? []) {
        if (topicNames.has(topicName)) continue;
        const subscribers = byTopic.get(topicName);
        subscribers?.delete(subscriber);
        if (subscribers?.size === 0) byTopic.delete(topicName);
      }
      for (const topicName of topicNames) {
        const subscribers = byTopic.get(topicName);
        if (subscribers) subscribers.add(subscriber);
        else byTopic.set(topicName, new Set([subscriber]));
      }
      if (topicNames.size > 0) bySubscriber.set(subscriber, topicNames);
      else bySubscriber.delete(subscriber);
    },
  };
}
