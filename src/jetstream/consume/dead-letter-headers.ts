import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { HeldDelivery } from './held-delivery.ts';
import { headersOf } from '../streams/headers-of.ts';
import { subjectToken } from '../streams/subject-token.ts';

/**
 * What a dead letter says of itself: all that the message said, and
 *
 * | header | value |
 * |---|---|
 * | `Rxframe-Dead-Reason` | why, percent-encoded as in subjects |
 * | `Rxframe-Dead-Stream` | where the message is: its stream and its sequence, joined by `:` |
 * | `Rxframe-Dead-Message-Id` | its `Nats-Msg-Id` |
 */
export function deadLetterHeaders(delivery: HeldDelivery, why: string): MsgHdrs {
  const { message, messageId } = delivery;
  const made = deadReasonHeaders(delivery, why);
  for (const [name, values] of headersOf(message) ?? []) {
    // Instructions to the engine, which were for the first time.
    if (name.startsWith('Nats-')) continue;
    if (made.has(name)) continue;
    for (const value of values) made.append(name, value);
  }
  if (messageId !== undefined) made.set('Rxframe-Dead-Message-Id', messageId);
  return made;
}

/** Only why, and where the message is: of one that is too large for the engine with more. */
export function deadReasonHeaders({ stream, sequence }: HeldDelivery, why: string): MsgHdrs {
  const made = headers();
  made.set('Rxframe-Dead-Reason', subjectToken(why));
  made.set('Rxframe-Dead-Stream', `${stream}:${sequence}`);
  return made;
}
