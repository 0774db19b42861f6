import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { AnyFrame, Receipt } from '../../operators/frame.ts';
import { isRejected } from '../../operators/frame.ts';
import { subjectToken, tokenText } from './subject-token.ts';

/**
 * The headers of a message, besides `Nats-Msg-Id`, by name.
 *
 * | header | value |
 * |---|---|
 * | `Content-Digest` | SHA-256 of the payload, as RFC 9530 writes it: `sha-256=:…:` |
 * | `Rxframe-Type` | the payload type; absent where it is not known |
 * | `Rxframe-Frame` | the frame's `connectionId` and `sequence`, joined by `-` |
 * | `Rxframe-Timestamp` | when the frame was received, in milliseconds since the epoch |
 * | `Rxframe-Opcode` | 1 for text, 2 for binary (RFC 6455 section 5.2) |
 * | `Rxframe-Rejected` | of a rejected frame: its stage and its reason, joined by `/` |
 *
 * Texts that are not ours are percent-encoded as in subjects.
 */
const DIGEST = 'Content-Digest';
const TYPE = 'Rxframe-Type';
const FRAME = 'Rxframe-Frame';
const TIMESTAMP = 'Rxframe-Timestamp';
const OPCODE = 'Rxframe-Opcode';
const REJECTED = 'Rxframe-Rejected';

/** What a message says of its frame. */
export function messageHeaders(frame: AnyFrame, digest: string): MsgHdrs {
  const made = headers();
  made.append(DIGEST, `sha-256=:${digest}:`);
  if (frame.kind !== 'raw' && frame.payloadType !== undefined) made.append(TYPE, subjectToken(frame.payloadType));
  made.append(FRAME, `${subjectToken(frame.connectionId)}-${frame.sequence}`);
  made.append(TIMESTAMP, String(frame.timestamp));
  made.append(OPCODE, frame.isBinary ? '2' : '1');
  if (isRejected(frame)) made.append(REJECTED, `${subjectToken(frame.stage)}/${subjectToken(frame.reason)}`);
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
  const frameId = of?.get(FRAME) ?? '';
  const dash = frameId.lastIndexOf('-');
  const sequence = dash > 0 ? Number(frameId.slice(dash + 1)) : NaN;
  const timestamp = Number(of?.get(TIMESTAMP) ?? '');
  const isOurs = Number.isSafeInteger(sequence);
  return {
    rawData,
    isBinary: of?.get(OPCODE) === '2',
    connectionId: isOurs ? (tokenText(frameId.slice(0, dash)) ?? '') : stored.stream,
    sequence: isOurs ? sequence : stored.sequence,
    timestamp: timestamp > 0 ? timestamp : stored.storedAt,
    receivedAt,
  };
}
