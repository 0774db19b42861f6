import { checksumOutcome } from '../../operators/audit-record.ts';
import type { AnyFrame, Issue } from '../../operators/frame.ts';
import type { FrameFacts, FrameRow } from './protocol.ts';

/** How many bytes of a payload are kept: so many that all rows that a page shows keep theirs. */
const MOST_BYTES = 128 * 1024;

/** **What the inspector remembers of an outcome**: its bytes, or the first of them, and not what was decoded from them. */
export class SeenFrame {
  #payload: Uint8Array | undefined;
  readonly number: number;
  readonly latency: number;
  readonly connectionId: string;
  readonly sequence: number;
  readonly timestamp: number;
  readonly byteLength: number;
  readonly isBinary: boolean;
  readonly payloadType: string | undefined;
  readonly checksum: FrameFacts['checksum'];
  readonly stage: string | undefined;
  readonly reason: string | undefined;
  readonly issues: readonly Issue[];

  constructor(outcome: AnyFrame, number: number, latency: number, keepsPayload: boolean) {
    this.number = number;
    this.latency = latency;
    this.connectionId = outcome.connectionId;
    this.sequence = outcome.sequence;
    this.timestamp = outcome.timestamp;
    this.byteLength = outcome.byteLength;
    this.isBinary = outcome.isBinary;
    this.payloadType = outcome.kind === 'raw' ? undefined : outcome.payloadType;
    this.checksum = checksumOutcome(outcome);
    const rejected = outcome.kind === 'rejected' ? outcome : undefined;
    this.stage = rejected?.stage;
    this.reason = rejected?.reason;
    this.issues = rejected?.issues ?? NO_ISSUES;
    this.#payload = keepsPayload ? head(outcome.rawData) : undefined;
  }

  /** Its first bytes, all of them where it is not large; undefined where there is no room for it. */
  get payload(): Uint8Array | undefined {
    return this.#payload;
  }

  /** How many bytes it keeps. */
  get keptBytes(): number {
    return this.#payload?.byteLength ?? 0;
  }

  /** Makes room. */
  dropPayload(): void {
    this.#payload = undefined;
  }

  /** Lets go of what else was received with its bytes: a small payload may be a part of a read of 64 KiB. */
  detach(): void {
    if (this.#payload !== undefined && this.#payload.buffer.byteLength > this.#payload.byteLength) {
      this.#payload = new Uint8Array(this.#payload);
    }
  }

  /** As a row of the table. */
  row(): FrameRow {
    return {
      number: this.number,
      frameId: `${this.connectionId}-${this.sequence}`,
      timestamp: this.timestamp,
      latency: this.latency,
      byteLength: this.byteLength,
      isBinary: this.isBinary,
      payloadType: this.payloadType ?? null,
      ...(this.stage === undefined || this.reason === undefined
        ? { outcome: 'accepted' }
        : { outcome: 'rejected', stage: this.stage, reason: this.reason }),
    };
  }

  /** All but its payload. */
  facts(): FrameFacts {
    return {
      ...this.row(),
      connectionId: this.connectionId,
      sequence: this.sequence,
      checksum: this.checksum,
      issues: this.issues,
      hasPayload: this.#payload !== undefined,
    };
  }
}

/** A copy where it is only a part, so that the rest can go. */
function head(payload: Uint8Array): Uint8Array {
  return payload.byteLength > MOST_BYTES ? new Uint8Array(payload.subarray(0, MOST_BYTES)) : payload;
}

const NO_ISSUES: readonly Issue[] = [];
