import type { Receipt } from '../../../operators/frame.ts';
import type { PayloadType } from '../../../operators/payload-type.ts';
import { members, text, withRequired, type BodySchema } from '../body-schema.ts';
import { bodyValidator } from '../body-validator.ts';
import { messageIdentity } from './event-identity.ts';

/** A message of a notification channel: an event of a topic. */
export interface TopicEvent<Body> {
  /** The topic, with its id: `v2.users.7c1f….presence`. `topicId` gives the id. */
  readonly topicName: string;
  readonly version?: string | null;
  readonly eventBody: Body;
  readonly metadata?: { readonly CorrelationId?: string | null } | null;
}

const optional = { version: text, metadata: members({ CorrelationId: text }) };

/** The payload type of events with such a body. */
export function eventType<Body>(body: BodySchema<Body>): PayloadType<TopicEvent<Body>> {
  return messageType<TopicEvent<Body>>(withRequired({ topicName: text, eventBody: body }, optional));
}

/** The payload type of such messages. */
export function messageType<Message>(message: BodySchema<Message>): PayloadType<Message> {
  const validator = bodyValidator(message);
  return { format: 'json', recognises: () => false, validator: () => validator, identity: identityOf };
}

/** As {@link messageIdentity}. What is no event is like nothing else: a channel's heartbeats all look the same. */
export function identityOf(message: unknown, { connectionId, sequence }: Receipt): string {
  return messageIdentity(message) ?? `${connectionId}-${sequence}`;
}
