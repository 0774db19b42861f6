import { base64 } from '../../../operators/base64.ts';
import { isRejected, type AnyFrame } from '../../../operators/frame.ts';
import { valueAt, type MemberPath } from './member-path.ts';
import { OUTCOME_MEMBERS } from './outcome-members.ts';
import { terminalJsonOr } from '../terminal/terminal-json-or.ts';
import { terminalJson } from '../terminal/terminal-text.ts';

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
    outcome: OUTCOME_MEMBERS.outcome(outcome),
    payloadType: OUTCOME_MEMBERS.payloadType(outcome),
    byteLength: outcome.byteLength,
    checksum: OUTCOME_MEMBERS.checksum(outcome),
    latencyMs: OUTCOME_MEMBERS.latencyMs(outcome, now),
    timestamp: OUTCOME_MEMBERS.timestamp(outcome),
    ...(isRejected(outcome) && { stage: outcome.stage, reason: outcome.reason, issues: outcome.issues }),
  };
  if (!data) return terminalJson(facts);
  const whole = { ...facts, data: OUTCOME_MEMBERS.data(outcome) };
  return terminalJsonOr(whole, () => ({ ...facts, data: base64(outcome.rawData) }));
}

/** **Some members of an outcome as a line of JSON**, by their paths; null where one is missing, or nested too deep to be written. */
export function selectedLine(outcome: AnyFrame, now: number, paths: readonly MemberPath[]): string {
  const line: Record<string, unknown> = {};
  for (const path of paths) line[path.text] = valueAt(path, outcome, now) ?? null;
  return terminalJsonOr(line, () =>
    Object.fromEntries(paths.map(({ text, member }) => [text, member === 'data' ? null : line[text]])),
  );
}
