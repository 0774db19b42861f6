import { checksumOutcome, isoTime, payloadOf } from '../../operators/audit-record.ts';
import { base64 } from '../../operators/base64.ts';
import { isRejected, type AnyFrame } from '../../operators/frame.ts';
import { terminalJsonOr } from './terminal-json-or.ts';
import { terminalJson } from './terminal-text.ts';

/**
 * **One outcome as a line of JSON.**
 *
 * `payloadType` is null where the frame was rejected before its type was known. `latencyMs` is the time from receipt to
 * here. With `data` the payload comes last: the decoded JSON, or base64 where it is binary, was not decoded, or is nested
 * too deep to be written.
 *
 * @param now - on the clock of `receivedAt`
 */
export function outcomeLine(outcome: AnyFrame, now: number, data: boolean): string {
  const facts = {
    connectionId: outcome.connectionId,
    sequence: outcome.sequence,
    frameId: outcome.frameId,
    outcome: isRejected(outcome) ? 'rejected' : 'accepted',
    payloadType: (outcome.kind === 'raw' ? undefined : outcome.payloadType) ?? null,
    byteLength: outcome.byteLength,
    checksum: checksumOutcome(outcome),
    latencyMs: Math.round((now - outcome.receivedAt) * 1_000) / 1_000,
    timestamp: isoTime(outcome.timestamp),
    ...(isRejected(outcome) && { stage: outcome.stage, reason: outcome.reason, issues: outcome.issues }),
  };
  if (!data) return terminalJson(facts);
  return terminalJsonOr({ ...facts, data: payloadOf(outcome) }, () => ({ ...facts, data: base64(outcome.rawData) }));
}
