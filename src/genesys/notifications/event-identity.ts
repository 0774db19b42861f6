import { sha256 } from '#sha256';
import type { Receipt } from '../../../operators/frame.ts';
import { membersOf } from '../../../operators/members-of.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/**
 * **What makes two notifications the same event**, so that of two channels that deliver it one is heard: its topic, its
 * `metadata.CorrelationId` where it has one, and its `eventBody`, as one SHA-256. The order of the members of the message, its
 * version and its spaces do not matter.
 *
 * `undefined` for what is no event: what a channel says of itself (`channel.metadata`, `v2.system.…`), an answer to what was
 * sent, and what is no JSON. Never throws, whatever the bytes.
 *
 * The same body may be sent twice and be two events (away, available, away): remember an identity for a short time only.
 */
export function eventIdentity(frame: Receipt): string | undefined {
  let message: unknown;
  try {
    message = JSON.parse(utf8.decode(frame.rawData));
  } catch {
    return undefined;
  }
  return messageIdentity(message);
}

/** {@link eventIdentity} of a message that is parsed. */
export function messageIdentity(message: unknown): string | undefined {
  const { topicName, eventBody, metadata } = membersOf(message);
  if (typeof topicName !== 'string' || eventBody === undefined || isOfChannel(topicName)) return undefined;
  const { CorrelationId: correlationId } = membersOf(metadata);
  let text: string;
  try {
    text = JSON.stringify([topicName, typeof correlationId === 'string' ? correlationId : null, eventBody]);
  } catch {
    // Nested deeper than the stack: only on purpose.
    return undefined;
  }
  return sha256(encoder.encode(text), 'base64');
}

/** Whether a message with this topic is about the channel that it came on, and no event that another channel has too. */
function isOfChannel(topicName: string): boolean {
  return topicName === 'channel.metadata' || topicName.startsWith('v2.system.');
}
