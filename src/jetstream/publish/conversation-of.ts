import type { AnyFrame } from '../../../operators/frame.ts';
import { membersOf } from '../../../operators/members-of.ts';
import { textOrUndefined } from './text-or-undefined.ts';

/**
 * **The conversation that a frame of Genesys Cloud is about**, or what else its events must stay in order with: a user, a queue.
 *
 * | message | what it gives |
 * |---|---|
 * | a notification: `{ topicName, eventBody }` | the id in the topic, `v2.users.ID.presence`; of conversations their own, `eventBody.id` |
 * | any other JSON | its `conversationId`, else its `id` |
 * | what is not decoded, or not JSON | `undefined` |
 */
export function conversationOf(frame: AnyFrame): string | undefined {
  if (frame.kind === 'raw') return undefined;
  const { topicName, eventBody, conversationId, id } = membersOf(frame.decodedData);
  if (typeof topicName !== 'string') return textOrUndefined(conversationId) ?? textOrUndefined(id);
  const body = membersOf(eventBody);
  if (topicName.endsWith('.conversations')) return textOrUndefined(body.id) ?? idIn(topicName);
  return textOrUndefined(body.conversationId) ?? idIn(topicName);
}

/** The first UUID of a topic's name. */
function idIn(topicName: string): string | undefined {
  return topicName.split('.').find((part) => /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(part));
}
