import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { HeldDelivery } from './held-delivery.ts';
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
export function deadLetterHeaders({ message, stream, sequence, messageId }: HeldDelivery, why: string): MsgHdrs {
  const made = headers();
  for (const [name, values] of message.headers ?? []) {
    // Instructions to the engine, which were for the first time.
    if (name.startsWith('Nats-')) continue;
    for (const value of values) made.append(name, value);
  }
  made.set('Rxframe-Dead-Reason', subjectToken(why));
  made.set('Rxframe-Dead-Stream', `${stream}:${sequence}`);
  if (messageId !== undefined) made.set('Rxframe-Dead-Message-Id', messageId);
  return made;
}
