import { optionError, optionsObject } from '../../../operators/options.ts';
import type { PayloadType } from '../../../operators/payload-type.ts';
import { definePayloadTypes, type PayloadTypes } from '../../../operators/payload-types.ts';
import { members, text, withRequired, type BodySchema } from '../body-schema.ts';
import { conversation, type Conversation } from './event-bodies/conversation.ts';
import { queueMember, type QueueMember } from './event-bodies/queue-member.ts';
import { queueObservations, type QueueObservations } from './event-bodies/queue-observations.ts';
import { systemMessage, type SystemMessage } from './event-bodies/system-message.ts';
import { transcription, type Transcription } from './event-bodies/transcription.ts';
import { userPresence, type UserPresence } from './event-bodies/user-presence.ts';
import { userRoutingStatus, type UserRoutingStatus } from './event-bodies/user-routing-status.ts';
import { eventType, messageType } from './event-type.ts';
import { topicTemplate, type Topic } from './topics.ts';

/** What the service answers to what was sent on the socket, and says where the channel is gone (`result` is `404`). */
export interface ChannelResult {
  /** An HTTP status, as text: `200`, `400`, `404`. */
  readonly result: string;
  readonly status?: string | null;
  readonly message?: string | null;
}

const topicRows = {
  'v2.users.{id}.presence': eventType<UserPresence>(userPresence),
  'v2.users.{id}.routingStatus': eventType<UserRoutingStatus>(userRoutingStatus),
  'v2.users.{id}.conversations': eventType<Conversation>(conversation),
  'v2.routing.queues.{id}.conversations': eventType<Conversation>(conversation),
  'v2.routing.queues.{id}.users': eventType<QueueMember>(queueMember),
  'v2.analytics.queues.{id}.observations': eventType<QueueObservations>(queueObservations),
  'v2.conversations.{id}.transcription': eventType<Transcription>(transcription),
  'v2.system.socket_closing': eventType<SystemMessage>(systemMessage),
  'channel.metadata': eventType(members({ message: text })),
};

/** Of members that nothing is known of. */
const anyBody: BodySchema<{ readonly [member: string]: unknown }> = members({});

const otherRows = {
  notification: eventType(anyBody),
  'channel.result': messageType<ChannelResult>(withRequired({ result: text }, { status: text, message: text })),
};

/** A part of a topic's name, or the place of an id. */
const TEMPLATE = /^v2(?:\.(?:[A-Za-z0-9_-]+|\{id\}))+$/;

/**
 * **The payload types of Genesys Cloud's notification channels.** A type is named as the platform lists the topic, `{id}` in
 * place of each id.
 *
 * | type | `decodedData` |
 * |---|---|
 * | `v2.users.{id}.presence` | `eventBody`: {@link UserPresence} |
 * | `v2.users.{id}.routingStatus` | `eventBody`: {@link UserRoutingStatus} |
 * | `v2.users.{id}.conversations`, `v2.routing.queues.{id}.conversations` | `eventBody`: {@link Conversation} |
 * | `v2.routing.queues.{id}.users` | `eventBody`: {@link QueueMember} |
 * | `v2.analytics.queues.{id}.observations` | `eventBody`: {@link QueueObservations} |
 * | `v2.conversations.{id}.transcription` | `eventBody`: {@link Transcription} |
 * | `channel.metadata` | a heartbeat, or the answer to a ping: `eventBody.message` says which |
 * | `v2.system.socket_closing` | the socket will be closed within a minute: `eventBody` is a {@link SystemMessage} |
 * | `channel.result` | {@link ChannelResult}: an answer to what was sent, or the end of the channel |
 * | `notification` | an event of any other topic: `eventBody` is an object of unknown members |
 *
 * A member that is not described is let through; of those that are, each may be absent or `null`. Of a wrong type it may
 * not be. For `dedupe`, two frames are the same where `eventIdentity` says so; what is no event is never a duplicate.
 *
 * Source: the models of the platform's own client library, `purecloud-platform-client-v2`.
 */
export const notificationTypes = defineNotificationTypes({});

/**
 * **{@link notificationTypes}, and types for the events of more topics.**
 *
 * ```ts
 * const types = defineNotificationTypes({
 *   'v2.users.{id}.station': topicType({ type: 'object', properties: { associatedStation: { type: 'object' } } }),
 * });
 * ```
 *
 * @param rows - the payload types, by topic with `{id}` in place of each id
 * @throws TypeError or RangeError at the call, where a name is no such topic or has a type already, or a row is none
 */
export function defineNotificationTypes<const Rows extends Readonly<Record<Topic, PayloadType<unknown>>>>(
  rows: Rows,
): PayloadTypes<typeof topicRows & Rows & typeof otherRows, 'reject'> {
  optionsObject('defineNotificationTypes: rows', rows);
  for (const name of Object.keys(rows)) checkName(name);
  const topics = { ...topicRows, ...rows };
  return definePayloadTypes(
    { ...topics, ...otherRows },
    {
      type(message) {
        if (typeof message !== 'object' || message === null) return undefined;
        const { topicName, result } = message as { readonly topicName?: unknown; readonly result?: unknown };
        if (typeof topicName !== 'string') return result === undefined ? undefined : 'channel.result';
        const template = topicTemplate(topicName);
        return Object.hasOwn(topics, template) ? template : 'notification';
      },
    },
  );
}

/** A row under a name that no message can have would do nothing. */
function checkName(name: string): void {
  if (Object.hasOwn(topicRows, name)) {
    throw new TypeError(`defineNotificationTypes: ${JSON.stringify(name)} has a type already`);
  }
  if (!TEMPLATE.test(name) || topicTemplate(name) !== name) {
    throw optionError('defineNotificationTypes: a name', 'a topic with {id} in place of each id', name);
  }
}
