/** A message, reassembled. */
export interface DeliveredMessage {
  readonly data: Buffer;
  readonly isBinary: boolean;
  /** The place behind its last byte. */
  readonly end: number;
}

/** What a client must find in the bytes that it got from a server. */
export interface ServerBytes {
  /** The messages that are wholly there, up to a close frame or a breach. */
  readonly messages: readonly DeliveredMessage[];
  /** What is no WebSocket any more: the code to close with, and the place by which that can be seen. */
  readonly breach?: { readonly closeCode: 1002 | 1009; readonly at: number };
}

const isCloseCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);

/**
 * **Reads the frames of a server by RFC 6455 section 5.2**, with no extension negotiated. Written for the tests alone, and
 * straight from the RFC, so that it can be held against the library that the client uses.
 */
export function messagesIn(bytes: Buffer, maxPayload: number): ServerBytes {
  const messages: DeliveredMessage[] = [];
  const broken = (closeCode: 1002 | 1009, at: number): ServerBytes => ({ messages, breach: { closeCode, at } });
  /** The fragments of the message under way. */
  let parts: Buffer[] = [];
  let total = 0;
  let startedBy: number | undefined;

  for (let at = 0; at + 2 <= bytes.length;) {
    const [first, second] = [bytes[at]!, bytes[at + 1]!];
    const isLast = (first & 0x80) !== 0;
    const opcode = first & 0x0f;
    const isControl = opcode >= 8;
    const isMasked = (second & 0x80) !== 0;
    let length = second & 0x7f;
    const isOutOfTurn = opcode === 0 ? startedBy === undefined : !isControl && startedBy !== undefined;
    if ((first & 0x70) !== 0 || ![0, 1, 2, 8, 9, 10].includes(opcode) || isMasked || isOutOfTurn)
      return broken(1002, at + 2);
    if (isControl && (!isLast || length > 125 || (opcode === 8 && length === 1))) return broken(1002, at + 2);

    let start = at + 2;
    if (length >= 126) {
      start += length === 126 ? 2 : 8;
      if (start > bytes.length) break;
      length = length === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    }
    if (!isControl && total + length > maxPayload) return broken(1009, start);
    const end = start + length;
    if (end > bytes.length) break;
    const payload = bytes.subarray(start, end);
    at = end;

    if (opcode === 8) {
      return length === 0 || isCloseCode(payload.readUInt16BE()) ? { messages } : broken(1002, end);
    }
    if (isControl) continue;
    startedBy ??= opcode;
    total += length;
    parts.push(payload);
    if (!isLast) continue;
    messages.push({ data: Buffer.concat(parts), isBinary: startedBy === 2, end });
    parts = [];
    total = 0;
    startedBy = undefined;
  }
  return { messages };
}
