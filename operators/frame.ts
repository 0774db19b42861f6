import type { PayloadType } from './payload-type.ts';

/** Why a frame was rejected: the reasons of the stages here, or one of your own stage's. */
export type RejectReason =
  | 'oversize'
  | 'invalid-utf8'
  | 'malformed-json'
  | 'unknown-type'
  | 'schema'
  | 'checksum-mismatch'
  | 'circuit-open'
  | 'duplicate'
  | 'overflow'
  | (string & Record<never, never>);

/** One thing that is wrong with a frame. Never holds payload values, so that it may be logged. */
export interface Issue {
  /** What is wrong, in at most 200 characters. */
  readonly message: string;
  /** Where in `decodedData`, as a JSON Pointer (RFC 6901); absent where the whole frame is meant. */
  readonly path?: string;
}

/** What the socket knows of a message when it arrives. */
export interface Receipt {
  /** The bytes as received. Shared, not copied: do not write to them. */
  readonly rawData: Uint8Array;
  /** True for opcode 2 (binary), false for opcode 1 (text): RFC 6455 section 5.6. */
  readonly isBinary: boolean;
  /** Which connection brought it: a new one for each attempt. */
  readonly connectionId: string;
  /** Its place on that connection: 0, 1, 2, … without a hole. */
  readonly sequence: number;
  /** Receipt, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** Receipt on the monotonic clock, in milliseconds: what latencies are measured from. */
  readonly receivedAt: number;
}

/**
 * What all frames have. A frame is one whole WebSocket message, reassembled (RFC 6455 calls it a message; the frames
 * it may have travelled in are not visible to an application). Frames never change: a stage that learns something
 * about one makes the next object.
 */
abstract class Frame implements Receipt {
  // `declare` in these classes: a field that the compiled class declares is first set to undefined, which takes longer than
  // all the rest of a constructor.
  declare readonly rawData: Uint8Array;
  declare readonly byteLength: number;
  declare readonly isBinary: boolean;
  declare readonly connectionId: string;
  declare readonly sequence: number;
  declare readonly timestamp: number;
  declare readonly receivedAt: number;

  constructor(receipt: Receipt, byteLength: number) {
    this.rawData = receipt.rawData;
    this.byteLength = byteLength;
    this.isBinary = receipt.isBinary;
    this.connectionId = receipt.connectionId;
    this.sequence = receipt.sequence;
    this.timestamp = receipt.timestamp;
    this.receivedAt = receipt.receivedAt;
  }

  /** Unique for each frame: the connection and the place on it. Made when asked for. */
  get frameId(): string {
    return `${this.connectionId}-${this.sequence}`;
  }
}

/** **A frame as it came from the socket**: nothing is known but its bytes and when it came. */
export class RawFrame extends Frame {
  readonly kind = 'raw';

  constructor(receipt: Receipt) {
    super(receipt, receipt.rawData.byteLength);
  }
}

/** A frame whose payload type is known. */
abstract class TypedFrame<Name extends string, Data, Content> extends Frame {
  declare readonly payloadType: Name;
  /** The JSON value, or the bytes of a binary type. */
  declare readonly decodedData: Content;
  /** Whether the payload has the digest that it should have; `undefined` where nothing was compared. */
  declare readonly checksumValid: boolean | undefined;
  /** The row of the payload type matrix that this frame belongs to; `undefined` for type `unknown`. */
  declare readonly definition: PayloadType<Data> | undefined;

  constructor(
    frame: Frame,
    payloadType: Name,
    decodedData: Content,
    definition: PayloadType<Data> | undefined,
    checksumValid?: boolean,
  ) {
    super(frame, frame.byteLength);
    this.payloadType = payloadType;
    this.decodedData = decodedData;
    this.checksumValid = checksumValid;
    this.definition = definition;
  }
}

/**
 * A frame whose payload type is known and whose payload is decoded: what `decode` makes. Its data is of no known shape until
 * `validate` has looked at it.
 */
export class Decoded<Name extends string, Data> extends TypedFrame<Name, Data, unknown> {
  readonly kind = 'decoded';

  /** The same frame with the outcome of a checksum comparison. */
  withChecksum(valid: boolean): this {
    return new Decoded(this, this.payloadType, this.decodedData, this.definition, valid) as this;
  }
}

/** A frame whose payload is what the schema of its type describes: what `validate` makes. */
export class Parsed<Name extends string, Data> extends TypedFrame<Name, Data, Data> {
  readonly kind = 'parsed';

  /** The same frame with the outcome of a checksum comparison. */
  withChecksum(valid: boolean): this {
    return new Parsed(this, this.payloadType, this.decodedData, this.definition, valid) as this;
  }
}

/** **A frame that a stage turned away**: data, not an error. It keeps all that was known of the frame. */
export class RejectedFrame extends Frame {
  readonly kind = 'rejected';
  /** Undefined where the frame was rejected before its type was known. */
  declare readonly payloadType: string | undefined;
  /** Undefined where the frame was rejected before it was decoded. */
  declare readonly decodedData: unknown;
  declare readonly checksumValid: boolean | undefined;
  /** The stage that rejected it, by its file's name: `size-gate`, `decode`, … */
  declare readonly stage: string;
  declare readonly reason: RejectReason;
  /** What was wrong, at least one entry. */
  declare readonly issues: readonly Issue[];

  constructor(frame: AnyFrame, stage: string, reason: RejectReason, issues: readonly Issue[], checksumValid?: boolean) {
    super(frame, frame.byteLength);
    const decoded = frame.kind === 'raw' ? undefined : frame;
    this.payloadType = decoded?.payloadType;
    this.decodedData = decoded?.decodedData;
    this.checksumValid = checksumValid ?? decoded?.checksumValid;
    this.stage = stage;
    this.reason = reason;
    this.issues = issues;
  }
}

/** A frame at any point of its way through a pipeline, not rejected. */
export type LiveFrame = RawFrame | Decoded<string, unknown> | Parsed<string, unknown>;

/** A frame at any point of its way, or what became of it. */
export type AnyFrame = LiveFrame | RejectedFrame;

/** Rejects a frame: the one way to make a {@link RejectedFrame} out of a message. */
export function reject(frame: LiveFrame, stage: string, reason: RejectReason, message: string): RejectedFrame {
  return new RejectedFrame(frame, stage, reason, [{ message }]);
}

/** Tells a {@link RejectedFrame} from everything else that may be in a stream. */
export function isRejected(value: unknown): value is RejectedFrame {
  return value instanceof RejectedFrame;
}

/**
 * Throws where a frame has not been decoded. The types say so already; a program in JavaScript has none.
 *
 * @throws TypeError that names the operator
 */
export function mustBeDecoded(operator: string, frame: LiveFrame): void {
  if (frame.kind === 'raw') throw new TypeError(`${operator} stands after decode(types): this frame is not decoded`);
}
