import type { AuditRecord } from '../../operators/audit-record.ts';
import type { ConnectionState } from '../../operators/connection-state.ts';
import type { Issue } from '../../operators/frame.ts';

/** A frame in the page's table. */
export interface FrameRow {
  /** The how-manieth outcome it is, from 1. */
  readonly number: number;
  readonly frameId: string;
  /** Receipt, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** From receipt to the inspector, in milliseconds. */
  readonly latency: number;
  readonly byteLength: number;
  readonly isBinary: boolean;
  /** Null where it is not known. */
  readonly payloadType: string | null;
  readonly outcome: 'accepted' | 'rejected';
  /** Of a rejected one. */
  readonly stage?: string;
  readonly reason?: string;
}

/** What the page gets when a frame is opened, besides its payload. */
export interface FrameFacts extends FrameRow {
  readonly connectionId: string;
  readonly sequence: number;
  readonly checksum: AuditRecord['checksum'];
  readonly issues: readonly Issue[];
  readonly hasPayload: boolean;
}

/** What happened in about one second. */
export interface Second {
  /** Its end, in milliseconds since the epoch. */
  readonly time: number;
  /** How long it was, in seconds. */
  readonly length: number;
  readonly frames: number;
  readonly rejected: number;
  readonly bytes: number;
  /** How many latencies were in each bucket of {@link FullMessage.latencyBounds}. */
  readonly latencies: readonly number[];
}

/** Why a connection ended, or could not be made. */
export interface StateCause {
  readonly message: string;
  /** Such as `ERR_CLOSED`. */
  readonly code?: string;
  /** Of RFC 6455 section 7.4. */
  readonly closeCode?: number;
  /** The HTTP status of a refusal. */
  readonly status?: number;
}

/** A state of a connection. */
export interface StateRecord {
  /** In milliseconds since the epoch. */
  readonly time: number;
  readonly status: ConnectionState['status'];
  readonly connectionId?: string;
  readonly cause?: StateCause;
  /** Of `waiting`. */
  readonly delay?: number;
  readonly attempt?: number;
  readonly failure?: string;
}

/** A name and how many outcomes it stands for. */
export type Count = readonly [name: string, outcomes: number];

/** Exact counts of all outcomes so far. */
export interface Totals {
  readonly frames: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly bytes: number;
  /** The most frequent ones. */
  readonly byType: readonly Count[];
  readonly byReason: readonly Count[];
}

/** How a stream ended. */
export type StreamEnd =
  | { readonly kind: 'completed'; readonly time: number }
  | { readonly kind: 'failed'; readonly time: number; readonly cause: StateCause };

/** What is new since the last message: the event `tick`. */
export interface TickMessage {
  readonly totals: Totals;
  /** A sample of the frames, oldest first. */
  readonly rows: readonly FrameRow[];
  readonly seconds: readonly Second[];
  readonly states: readonly StateRecord[];
  /** Null while it goes on. */
  readonly end: StreamEnd | null;
}

/** The inspector was closed, and nothing comes any more: the event `closed`, after the last counts. */
export interface ClosedMessage {
  /** In milliseconds since the epoch. */
  readonly time: number;
}

/** All that is kept, in place of what was sent before: the event `full`. */
export interface FullMessage extends TickMessage {
  /** The upper bounds of the latency buckets, in milliseconds; the last bucket has none. */
  readonly latencyBounds: readonly number[];
}
