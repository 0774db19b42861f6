import { LONGEST_TOPIC, topicId } from './topics.ts';

/**
 * **Joins topics that differ in their last part only**, `v2.users.7c1f….presence` and `v2.users.7c1f….routingStatus` as
 * `v2.users.7c1f…?presence&routingStatus`: the platform counts them as one of the 1,000 that a channel holds. Events come
 * under the single names.
 *
 * Each topic is in exactly one of the ids, once; no id is longer than 200 characters, so that many topics make several; a topic
 * alone keeps its name, and so does one that ends with an id: that those may be joined is documented nowhere. Which ids there are, and in which order, does not depend on the order of the topics.
 *
 * Source: `genesys-cloud-streaming-client`, which joins in the same way.
 *
 * @param topics - single topics
 */
export function joinTopics(topics: Iterable<string>): readonly string[] {
  const groups = new Map<string, string[]>();
  const alone: string[] = [];
  for (const topic of [...new Set(topics)].sort()) {
    const prefix = joinedBy(topic);
    if (prefix === topic) {
      alone.push(topic);
      continue;
    }
    const lastPart = topic.slice(prefix.length + 1);
    const group = groups.get(prefix);
    if (group === undefined) groups.set(prefix, [lastPart]);
    else group.push(lastPart);
  }
  return [...alone, ...[...groups].flatMap(([prefix, lastParts]) => idsOf(prefix, lastParts))];
}

/** What topics that can be joined have in common: all but the last part. One that ends with an id has nothing in common: its own name. */
export function joinedBy(topic: string): string {
  const dot = topic.lastIndexOf('.');
  return topicId(topic.slice(dot)) === undefined ? topic.slice(0, dot) : topic;
}

/** **The single topics that a subscription's id stands for**: the inverse of {@link joinTopics}. */
export function splitTopic(subscriptionId: string): readonly string[] {
  const mark = subscriptionId.indexOf('?');
  if (mark < 0) return [subscriptionId];
  const prefix = subscriptionId.slice(0, mark);
  const lastParts = subscriptionId.slice(mark + 1).split('&');
  return lastParts.map((lastPart) => `${prefix}.${lastPart}`);
}

/** As few ids as the parts fill in their order. */
function idsOf(prefix: string, lastParts: readonly string[]): readonly string[] {
  const ids: string[] = [];
  let joined: string[] = [];
  let length = prefix.length;
  const close = () => {
    ids.push(joined.length === 1 ? `${prefix}.${joined.join('')}` : `${prefix}?${joined.join('&')}`);
  };
  for (const lastPart of lastParts) {
    const added = lastPart.length + 1;
    if (joined.length > 0 && length + added > LONGEST_TOPIC) {
      close();
      joined = [];
      length = prefix.length;
    }
    joined.push(lastPart);
    length += added;
  }
  close();
  return ids;
}
