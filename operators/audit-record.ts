import { sha256 } from '#sha256';
import { base64 } from './base64.ts';
import { isRejected, type AnyFrame, type Issue, type RejectReason } from './frame.ts';

/** What the audit log says of one outcome. Members without a value are left out. */
export interface AuditRecord {
  readonly frameId: string;
  readonly outcome: 'accepted' | 'rejected';
  /** Left out where the frame was rejected before its type was known. */
  readonly payloadType?: string;
  /** Size of the payload in bytes. */
  readonly byteLength: number;
  /** `none` where there was nothing to compare. */
  readonly checksum: 'pass' | 'fail' | 'none';
  /** Receipt, in ISO 8601 with milliseconds, UTC. */
  readonly timestamp: string;
  /** Where and why it was rejected. */
  readonly stage?: string;
  readonly reason?: RejectReason;
  readonly issues?: readonly Issue[];
  /** SHA-256 of the payload, in hex. */
  readonly sha256?: string;
  /** The payload: decoded JSON, or base64 where it is binary or could not be decoded. */
  readonly payload?: unknown;
}

/** What a record holds besides the facts of the outcome. */
export interface AuditRecordOptions {
  /** The payload itself, for development: personal data ends up in the log. @defaultValue false */
  readonly payloads?: boolean;
  /** The SHA-256 of the payload: shows later which payload it was, without having it. @defaultValue false */
  readonly digests?: boolean;
}

/** A record in the making. */
type Draft = { -readonly [Member in keyof AuditRecord]: AuditRecord[Member] };

/** Makes the record of an outcome. Written out, because spreads would cost four times as much. */
export function auditRecord(outcome: AnyFrame, options: AuditRecordOptions = {}): AuditRecord {
  const { frameId, byteLength } = outcome;
  const payloadType = outcome.kind === 'raw' ? undefined : outcome.payloadType;
  const verdict = isRejected(outcome) ? 'rejected' : 'accepted';
  const checksum = checksumOutcome(outcome);
  const timestamp = isoTime(outcome.timestamp);
  const record: Draft =
    payloadType === undefined
      ? { frameId, outcome: verdict, byteLength, checksum, timestamp }
      : { frameId, outcome: verdict, payloadType, byteLength, checksum, timestamp };
  if (isRejected(outcome)) {
    record.stage = outcome.stage;
    record.reason = outcome.reason;
    record.issues = outcome.issues;
  }
  if (options.digests === true) record.sha256 = sha256(outcome.rawData, 'hex');
  if (options.payloads === true) record.payload = payloadOf(outcome);
  return record;
}

/** The outcome of the checksum comparison, in the words of the audit log. */
export function checksumOutcome(outcome: AnyFrame): AuditRecord['checksum'] {
  const valid = outcome.kind === 'raw' ? undefined : outcome.checksumValid;
  if (valid === undefined) return 'none';
  return valid ? 'pass' : 'fail';
}

/** A payload as JSON can carry it: the decoded value, or base64 where it is binary or could not be decoded. */
export function payloadOf(outcome: AnyFrame): unknown {
  const data = outcome.kind === 'raw' ? undefined : outcome.decodedData;
  return data === undefined || data instanceof Uint8Array ? base64(outcome.rawData) : data;
}

let lastMillisecond = NaN;
let lastIsoTime = '';

/** ISO 8601, made once a millisecond: frames come in bursts, and making it costs as much as all else in a record. */
export function isoTime(timestamp: number): string {
  if (timestamp !== lastMillisecond) {
    lastIsoTime = new Date(timestamp).toISOString();
    lastMillisecond = timestamp;
  }
  return lastIsoTime;
}
