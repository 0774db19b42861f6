import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { isRejected, type AnyFrame, type Receipt } from '../../../operators/frame.ts';
import { subjectToken, tokenText } from './subject-token.ts';

/**
 * The header that has what a message says of its frame, in this order; one, because each costs its reader as much as all that is in it.
 *
 *     time=1750000000041;opcode=1;sequence=41;connection=c35c2973b2452969;type=interaction%2Eupdate;digest=sha-256:…
 *
 * | member | value |
 * |---|---|
 * | `time` | when the frame was received, in milliseconds since the epoch |
 * | `opcode` | 1 for text, 2 for binary (RFC 6455 section 5.2) |
 * | `sequence`, `connection` | the frame's place, and the connection that it came on |
 * | `type` | the payload type; `-` where it is not known |
 * | `digest` | SHA-256 of the payload, in base64 |
 * | `rejected` | of a rejected frame: its stage and its reason, joined by `/` |
 *
 * Texts that are not ours are percent-encoded as in subjects.
 */
const FRAME = 'Rxframe-Frame';
/** Numbers of at most 15 digits: a Date takes them, and they are exact. */
const RECEIPT = /^time=(\d{1,15}(?:\.\d+)?);opcode=([12]);sequence=(\d{1,15});connection=([^;]+);/;

/** What a message says of its frame, and the id by which the engine knows the event again. */
export function messageHeaders(frame: AnyFrame, messageId: string, digest: string): MsgHdrs {
  const { timestamp, isBinary, sequence, connectionId } = frame;
  const type = subjectToken(frame.kind === 'raw' ? undefined : frame.payloadType);
  const rejected = isRejected(frame) ? `;rejected=${subjectToken(frame.stage)}/${subjectToken(frame.reason)}` : '';
  const made = headers();
  made.append('Nats-Msg-Id', messageId);
  made.append(
    FRAME,
    `time=${timestamp};opcode=${isBinary ? 2 : 1};sequence=${sequence};connection=${subjectToken(connectionId)};type=${type};digest=sha-256:${digest}${rejected}`,
  );
  return made;
}

/**
 * The receipt of the frame that a message has, from its headers. A message that somebody else published has none of them: it is a text
 * frame, received when the engine stored it, on a connection of the stream's name.
 */
export function receiptOf(
  rawData: Uint8Array,
  of: MsgHdrs | undefined,
  stored: { readonly stream: string; readonly sequence: number; readonly storedAt: number },
  receivedAt: number,
): Receipt {
  const [, time, opcode, sequence, connection] = RECEIPT.exec(of?.get(FRAME) ?? '') ?? [];
  if (connection === undefined) {
    const { stream, storedAt } = stored;
    return {
      rawData,
      isBinary: false,
      connectionId: stream,
      sequence: stored.sequence,
      timestamp: storedAt,
      receivedAt,
    };
  }
  return {
    rawData,
    isBinary: opcode === '2',
    connectionId: tokenText(connection) ?? '',
    sequence: Number(sequence),
    timestamp: Number(time),
    receivedAt,
  };
}
