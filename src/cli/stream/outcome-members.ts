import { checksumOutcome, isoTime, payloadOf } from '../../../operators/audit-record.ts';
import { isRejected, type AnyFrame } from '../../../operators/frame.ts';

/** **What a line of JSON says of an outcome**, in its order; undefined where that has no such member. `now` is on the clock of `receivedAt`. */
export const OUTCOME_MEMBERS = {
  connectionId: (outcome: AnyFrame) => outcome.connectionId,
  sequence: (outcome: AnyFrame) => outcome.sequence,
  frameId: (outcome: AnyFrame) => outcome.frameId,
  outcome: (outcome: AnyFrame) => (isRejected(outcome) ? 'rejected' : 'accepted'),
  payloadType: (outcome: AnyFrame) => (outcome.kind === 'raw' ? undefined : outcome.payloadType) ?? null,
  byteLength: (outcome: AnyFrame) => outcome.byteLength,
  checksum: checksumOutcome,
  latencyMs: (outcome: AnyFrame, now: number) => Math.round((now - outcome.receivedAt) * 1_000) / 1_000,
  timestamp: (outcome: AnyFrame) => isoTime(outcome.timestamp),
  stage: (outcome: AnyFrame) => (isRejected(outcome) ? outcome.stage : undefined),
  reason: (outcome: AnyFrame) => (isRejected(outcome) ? outcome.reason : undefined),
  issues: (outcome: AnyFrame) => (isRejected(outcome) ? outcome.issues : undefined),
  data: payloadOf,
} as const;

export type OutcomeMember = keyof typeof OUTCOME_MEMBERS;
