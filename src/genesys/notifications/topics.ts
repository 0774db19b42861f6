import { optionError } from '../../../operators/options.ts';

/** The name of a topic of Genesys Cloud: `v2.users.7c1f….presence`. */
export type Topic = `v2.${string}`;

/** The longest name that the platform takes, in characters: for a topic, and for topics joined as one. */
export const LONGEST_TOPIC = 200;

/** The topics of one user. Made by `topics.user(id)`. */
export interface UserTopics {
  /** The user's presence: available, away, in a meeting, … */
  presence(this: void): `v2.users.${string}.presence`;
  /** What the user does as an agent: idle, interacting, not responding, … */
  routingStatus(this: void): `v2.users.${string}.routingStatus`;
  /** The conversations that the user takes part in: the whole conversation with each event. */
  conversations(this: void): `v2.users.${string}.conversations`;
}

/** The topics of one queue. Made by `topics.queue(id)`. */
export interface QueueTopics {
  /** The conversations that go through the queue: the whole conversation with each event. */
  conversations(this: void): `v2.routing.queues.${string}.conversations`;
  /** Who joins the queue and leaves it. */
  users(this: void): `v2.routing.queues.${string}.users`;
  /** The queue's figures: how many wait, interact, are on the queue, … */
  observations(this: void): `v2.analytics.queues.${string}.observations`;
}

/** The topics of one conversation. Made by `topics.conversation(id)`. */
export interface ConversationTopics {
  /** What is said, while it is said. */
  transcription(this: void): `v2.conversations.${string}.transcription`;
}

/**
 * **Makes the names of topics**, and none that the platform could not know.
 *
 * ```ts
 * topics.user('7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10').presence(); // 'v2.users.7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10.presence'
 * ```
 *
 * An id is a UUID (RFC 9562). It is written in lower case, as the platform writes it.
 *
 * Source of the names: `GET /api/v2/notifications/availabletopics`, and the models of the platform's own client library,
 * `purecloud-platform-client-v2`.
 */
export const topics = {
  /** @throws TypeError or RangeError where `id` is no UUID */
  user(this: void, id: string): UserTopics {
    const user = `v2.users.${uuid('topics.user: id', id)}` as const;
    return {
      presence: () => `${user}.presence`,
      routingStatus: () => `${user}.routingStatus`,
      conversations: () => `${user}.conversations`,
    };
  },

  /** @throws TypeError or RangeError where `id` is no UUID */
  queue(this: void, id: string): QueueTopics {
    const queue = uuid('topics.queue: id', id);
    return {
      conversations: () => `v2.routing.queues.${queue}.conversations`,
      users: () => `v2.routing.queues.${queue}.users`,
      observations: () => `v2.analytics.queues.${queue}.observations`,
    };
  },

  /** @throws TypeError or RangeError where `id` is no UUID */
  conversation(this: void, id: string): ConversationTopics {
    const conversation = uuid('topics.conversation: id', id);
    return { transcription: () => `v2.conversations.${conversation}.transcription` };
  },

  /**
   * Any other topic, by its whole name: `topics.raw('v2.users.7c1f….station')`.
   *
   * @throws TypeError or RangeError where this can be the name of no topic, or several are joined in it (`prefix?a&b`)
   */
  raw: (name: string): Topic => checkedTopic('topics.raw: name', name),
};

/** `v2.`, and parts with dots between. */
const NAME = /^v2(?:\.[A-Za-z0-9_-]+)+$/;

/**
 * Checks the name of one topic, such as a program may have from a file. `where` begins the error.
 *
 * @throws TypeError or RangeError where this can be the name of no topic, or several are joined in it
 */
export function checkedTopic(where: string, name: string): Topic {
  const isText = typeof name === 'string';
  if (isText && name.includes('?')) {
    throw optionError(where, 'one topic (topics are joined for you)', name);
  }
  if (!isText || !NAME.test(name) || name.length > LONGEST_TOPIC) {
    throw optionError(
      where,
      `the name of a topic (v2. and parts of letters, digits, _ and - with dots between, an id for each {id}; at most ${LONGEST_TOPIC} characters)`,
      name,
      !isText,
    );
  }
  return name as Topic;
}

const UUID_FORM = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';
const UUID = new RegExp(`^${UUID_FORM}$`, 'i');
/** A part that is a UUID, with the dot before it. */
const UUID_PART = new RegExp(`\\.(${UUID_FORM})(?=\\.|$)`, 'i');
const UUID_PARTS = new RegExp(UUID_PART, 'gi');

function uuid(where: string, id: string): string {
  if (typeof id === 'string' && UUID.test(id)) return id.toLowerCase();
  throw optionError(where, 'a UUID (RFC 9562: 8-4-4-4-12 hexadecimal digits)', id, typeof id !== 'string');
}

/**
 * **The topic without its ids**, as the platform lists it: `v2.users.{id}.presence` for `v2.users.7c1f….presence`. Each part that
 * is a UUID is an id; a name without one stays as it is.
 */
export function topicTemplate(topicName: string): string {
  return topicName.replace(UUID_PARTS, '.{id}');
}

/** **The id in the name of a topic**: `7c1f…` of `v2.users.7c1f….presence`. Of several the first; `undefined` where there is none. */
export function topicId(topicName: string): string | undefined {
  return UUID_PART.exec(topicName)?.[1];
}
