import type { AuditRecord } from '../../../operators/audit-record.ts';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import type { MeterSnapshot } from '../../../operators/meter.ts';
import type { SentFrame } from '../../../src/simulator/index.ts';

/** What came out of the pipeline for a frame. */
export interface Outcome {
  readonly connectionId: string;
  readonly sequence: number;
  readonly rawData: Uint8Array;
  readonly isBinary: boolean;
  /** `accepted`, or the reason of its rejection. */
  readonly verdict: string;
}

/** What one attempt to connect came to on the wire. */
export interface AttemptRecord {
  /** The frames that the server handed to its socket. */
  readonly sent: readonly SentFrame[];
  /** What was passed on to the client, as the server had sent it. */
  readonly original: Buffer;
  /** The same bytes as the client got them. */
  readonly forwarded: Buffer;
  /** How many of them the client took from its socket. */
  readonly read: number;
  /** Whether the connection was reset: what the client had not taken by then may be gone. */
  readonly wasReset: boolean;
}

/** All that is known of a run, from each side. */
export interface Account {
  /** In the order in which they were made, as the states `connecting` are. */
  readonly attempts: readonly AttemptRecord[];
  /** In the order in which they came out. */
  readonly outcomes: readonly Outcome[];
  readonly states: readonly ConnectionState[];
  readonly meter: MeterSnapshot;
  /** What the audit log holds. */
  readonly audit: readonly AuditRecord[];
  /** Records that the audit sink says it lost. */
  readonly auditLost: number;
  /** Whether two connections may have delivered at the same time. */
  readonly overlapping: boolean;
  /** How it ended: `'complete'`, or the error. */
  readonly end: unknown;
  /** What was still there when all was over. */
  readonly leftovers: readonly string[];
}
