import { constants, deflateRawSync } from 'node:zlib';
import fc, { type Arbitrary } from 'fast-check';
import { Message } from './message.ts';

/** What a server sends in one go, and what a client that follows RFC 6455 makes of it. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** The message that it completes. */
  readonly message?: Message;
  /** Whether nothing counts after it: a close frame, or a violation of the protocol. */
  readonly isLast?: true;
}

interface Header {
  readonly opcode: number;
  readonly fin?: boolean;
  /** RSV1, RSV2 and RSV3, as the bits of a number. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** What the header says of the length, where that is not true. */
  readonly length?: number;
}

/** A frame as it stands on the wire: RFC 6455 section 5.2. */
function frame(payload: Uint8Array, { opcode, fin = true, reserved = 0, masked = false, length }: Header): Uint8Array {
  const size = length ?? payload.length;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  const head = size < 126 ? Buffer.of(first, mask | size) : Buffer.alloc(size < 65_536 ? 4 : 10);
  if (size >= 126) {
    head[0] = first;
    head[1] = mask | (size < 65_536 ? 126 : 127);
    if (size < 65_536) head.writeUInt16BE(size, 2);
    else head.writeBigUInt64BE(BigInt(size), 2);
  }
  return Uint8Array.from(Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]));
}

/** The largest message that the client takes, in bytes. */
export const MAX_PAYLOAD = 2_000;

const payload = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 130 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 200, maxLength: 1_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(new Uint8Array(0), new Uint8Array(MAX_PAYLOAD), Uint8Array.of(0xff)) },
);
const isBinary = fc.boolean();
const opcodeOf = (binary: boolean) => (binary ? 2 : 1);

const whole: Arbitrary<Piece> = fc.tuple(payload, isBinary).map(([bytes, binary]) => ({
  bytes: frame(bytes, { opcode: opcodeOf(binary) }),
  message: new Message(bytes, binary),
}));

/** A message in fragments, with a ping between them. */
const fragmented: Arbitrary<Piece> = fc
  .tuple(fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 2, maxLength: 4 }), isBinary)
  .map(([parts, binary]) => ({
    bytes: Buffer.concat(
      parts.flatMap((part, index) => [
        frame(part, { opcode: index === 0 ? opcodeOf(binary) : 0, fin: index === parts.length - 1 }),
        ...(index < parts.length - 1 ? [frame(part, { opcode: 9 })] : []),
      ]),
    ),
    message: new Message(Uint8Array.from(Buffer.concat(parts)), binary),
  }));

const control: Arbitrary<Piece> = fc
  .tuple(fc.constantFrom(9, 10), fc.uint8Array({ maxLength: 125 }))
  .map(([opcode, bytes]) => ({ bytes: frame(bytes, { opcode }) }));

/** A message compressed as permessage-deflate wants it (RFC 7692 section 7.2.1): a violation where that was not agreed upon. */
function compressed(isAgreed: boolean): Arbitrary<Piece> {
  return fc.tuple(payload, isBinary).map(([bytes, binary]) => {
    const deflated = deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const piece = { bytes: frame(deflated, { opcode: opcodeOf(binary), reserved: 4 }) };
    return isAgreed ? { ...piece, message: new Message(bytes, binary) } : { ...piece, isLast: true };
  });
}

const closing: Arbitrary<Piece> = fc
  .oneof(
    fc.constant(new Uint8Array(0)),
    fc
      .tuple(fc.integer({ min: 0, max: 5_100 }), fc.uint8Array({ maxLength: 123 }))
      .map(([code, reason]) => Uint8Array.of(code >> 8, code & 255, ...reason)),
    fc.uint8Array({ maxLength: 125 }),
  )
  .map((bytes) => ({ bytes: frame(bytes, { opcode: 8 }), isLast: true }));

const violation: Arbitrary<Piece> = fc
  .oneof(
    fc
      .tuple(payload, fc.constantFrom(3, 4, 5, 6, 7, 11, 12, 13, 14, 15))
      .map(([bytes, opcode]) => frame(bytes, { opcode })),
    fc.tuple(payload, fc.constantFrom(1, 2, 3)).map(([bytes, reserved]) => frame(bytes, { opcode: 1, reserved })),
    payload.map((bytes) => frame(bytes, { opcode: 2, masked: true })),
    payload.map((bytes) => frame(bytes, { opcode: 0 })),
    fc.constant(frame(new Uint8Array(MAX_PAYLOAD + 1), { opcode: 2 })),
    fc.tuple(payload, fc.constantFrom(8, 9, 10)).map(([bytes, opcode]) => frame(bytes, { opcode, fin: false })),
    fc.constantFrom(8, 9, 10).map((opcode) => frame(new Uint8Array(126), { opcode })),
    fc
      .constantFrom(MAX_PAYLOAD + 1, 65_536, 2 ** 31, 2 ** 53)
      .map((length) => frame(new Uint8Array(3), { opcode: 2, length })),
    fc.constant(
      Buffer.concat([frame(Uint8Array.of(1), { opcode: 2, fin: false }), frame(Uint8Array.of(1), { opcode: 2 })]),
    ),
    fc.constant(
      Buffer.concat(
        [1, 2].map((opcode) => frame(new Uint8Array(MAX_PAYLOAD), { opcode: opcode === 1 ? 2 : 0, fin: false })),
      ),
    ),
  )
  .map((bytes) => ({ bytes, isLast: true }));

/** **What a server may send after the upgrade**, most of it as it should be. */
export function websocketPieces(isDeflateAgreed: boolean): Arbitrary<readonly Piece[]> {
  return fc.array(
    fc.oneof(
      { weight: 8, arbitrary: whole },
      { weight: 3, arbitrary: fragmented },
      { weight: 3, arbitrary: control },
      { weight: isDeflateAgreed ? 8 : 1, arbitrary: compressed(isDeflateAgreed) },
      { weight: 3, arbitrary: closing },
      { weight: 2, arbitrary: violation },
    ),
    { maxLength: 8 },
  );
}
