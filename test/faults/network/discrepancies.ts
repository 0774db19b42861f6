import type { ConnectionState } from '../../../operators/connection-state.ts';
import { ClosedError, TimeoutError } from '../../../operators/errors.ts';
import type { Account, AttemptRecord, Outcome } from './account.ts';
import { MAX_PAYLOAD } from './limits.ts';
import { messagesIn, type DeliveredMessage } from './messages-in.ts';
import { outcomeOf } from './outcome-of.ts';

/**
 * **Holds what was sent against what came out**, and says what does not agree; nothing, where all does:
 *
 * - each message that was delivered as a whole has one outcome, in order, with its bytes, and the one that it must have;
 * - nothing else has an outcome;
 * - a connection that did not bring all it was sent ended with a cause, and the next step was reported with the same cause;
 * - the meter and the audit log tell of the same outcomes;
 * - nothing is left.
 */
export function discrepancies(account: Account): string[] {
  const ids = account.states.flatMap((state) => (state.status === 'connecting' ? [state.connectionId] : []));
  if (ids.length !== account.attempts.length) {
    return [`${ids.length} attempts were reported, ${account.attempts.length} were made`];
  }
  const stray = account.outcomes.find(({ connectionId }) => !ids.includes(connectionId));
  return [
    ...account.attempts.flatMap((attempt, n) =>
      ofAttempt(attempt, ids[n]!, account).map((text) => `attempt ${n}: ${text}`),
    ),
    ...(stray === undefined ? [] : [`an outcome is of connection ${stray.connectionId}, which was never made`]),
    ...(account.overlapping ? [] : outOfTurn(account.outcomes, ids)),
    ...unexplained(account),
    ...miscounted(account),
    ...account.leftovers.map((text) => `left: ${text}`),
  ];
}

/** What one connection reported of itself. */
interface Life {
  readonly hasOpened: boolean;
  readonly wasLeft: boolean;
  readonly ends: number;
  readonly cause: unknown;
}

function lifeOf(states: readonly ConnectionState[], connectionId: string): Life {
  const own = states.filter((state) => 'connectionId' in state && state.connectionId === connectionId);
  const ends = own.filter((state) => state.status === 'closed');
  return {
    hasOpened: own.some(({ status }) => status === 'open'),
    wasLeft: own.some(({ status }) => status === 'closing'),
    ends: ends.length,
    cause: ends[0]?.cause,
  };
}

function ofAttempt(attempt: AttemptRecord, connectionId: string, account: Account): string[] {
  const life = lifeOf(account.states, connectionId);
  if (life.ends !== 1) return [`its end was reported ${life.ends} times`];
  const outcomes = account.outcomes.filter((outcome) => outcome.connectionId === connectionId);
  if (!life.hasOpened) {
    if (outcomes.length > 0) return ['outcomes came before it was open'];
    return life.cause === undefined && !life.wasLeft ? ['it never opened, and nobody said why'] : [];
  }

  // The answer to the upgrade ends where the server ended it, whatever became of it on the way.
  const head = attempt.original.indexOf('\r\n\r\n') + 4;
  const asSent = messagesIn(attempt.original.subarray(head), MAX_PAYLOAD).messages;
  const isSent = asSent.every(({ data }, place) => attempt.sent[place]?.data.equals(data) === true);
  if (!isSent) return ['the proxy passed on what the server says it did not send'];
  const { messages, breach } = messagesIn(attempt.forwarded.subarray(head), MAX_PAYLOAD);
  const read = attempt.read - head;
  // What is on its way is lost where the client hangs up, and where the connection is reset. Else all of it arrives.
  const isCutShort = life.cause instanceof TimeoutError || breach !== undefined || attempt.wasReset;
  const due = life.wasLeft ? 0 : isCutShort ? messages.filter(({ end }) => end <= read).length : messages.length;

  if (breach !== undefined && breach.at <= read && !life.wasLeft) {
    const code = life.cause instanceof ClosedError ? life.cause.closeCode : undefined;
    if (code !== breach.closeCode) return [`what came broke RFC 6455, and it ended with ${String(life.cause)}`];
  }
  const wrong = mismatch(outcomes, messages, (place) =>
    verdictsOf(place, messages[place]!, attempt, account, outcomes),
  );
  if (wrong !== undefined) return [wrong];
  if (outcomes.length < due) return [`message ${outcomes.length} was delivered and has no outcome`];
  if (life.cause === undefined && !life.wasLeft && asSent.length < attempt.sent.length) {
    return [`it ended in order with ${asSent.length} of ${attempt.sent.length} frames`];
  }
  return [];
}

/** The first outcome that is not that of the message at its place. */
function mismatch(
  outcomes: readonly Outcome[],
  messages: readonly DeliveredMessage[],
  verdictsAt: (place: number) => readonly string[],
): string | undefined {
  for (const [place, { sequence, rawData, isBinary, verdict }] of outcomes.entries()) {
    const message = messages[place];
    if (message === undefined) return `outcome ${place} is of nothing that was delivered`;
    if (!message.data.equals(rawData) || message.isBinary !== isBinary) return `outcome ${place} is of another message`;
    if (sequence !== place) return `outcome ${place} has sequence ${sequence}`;
    const allowed = verdictsAt(place);
    if (!allowed.includes(verdict)) return `message ${place} must be ${allowed.join(' or ')}, and was ${verdict}`;
  }
  return undefined;
}

/** What may become of a message. */
function verdictsOf(
  place: number,
  { data, isBinary }: DeliveredMessage,
  { sent }: AttemptRecord,
  { outcomes, overlapping }: Account,
  own: readonly Outcome[],
): string[] {
  const frame = sent[place];
  const isAltered = frame === undefined || frame.isBinary !== isBinary || !frame.data.equals(data);
  const verdict = isAltered ? outcomeOf(data, isBinary) : frame.expected;
  const isCopy = () => outcomes.some((outcome) => !own.includes(outcome) && data.equals(outcome.rawData));
  return overlapping && own[place]?.verdict === 'duplicate' && isCopy() ? [verdict, 'duplicate'] : [verdict];
}

/** With one connection at a time, the outcomes of one stand behind all those of the one before. */
function outOfTurn(outcomes: readonly Outcome[], ids: readonly string[]): string[] {
  const turns = outcomes.map(({ connectionId }) => ids.indexOf(connectionId));
  const place = turns.findIndex((turn, at) => at > 0 && turn < turns[at - 1]!);
  return place < 0 ? [] : [`outcome ${place} of all is of attempt ${turns[place]!}, after one of a later attempt`];
}

/** The end of each connection that failed is followed by what is done about it, and why. */
function unexplained({ states, end }: Account): string[] {
  return states.flatMap((state, place) => {
    if (state.status === 'failed')
      return state.cause === end ? [] : ['the stream did not end with the reported failure'];
    if (state.status !== 'closed' || state.cause === undefined) return [];
    const next = states[place + 1];
    const isExplained =
      (next?.status === 'waiting' || next?.status === 'failed') && causes(next.cause).has(state.cause);
    return isExplained ? [] : [`the failure of connection ${state.connectionId} was followed by no report`];
  });
}

/** An error, and what it was caused by. */
function causes(error: unknown): Set<unknown> {
  return new Set([error, error instanceof Error ? error.cause : undefined]);
}

function miscounted({ outcomes, meter, audit, auditLost }: Account): string[] {
  const rejected = outcomes.filter(({ verdict }) => verdict !== 'accepted');
  const told = audit.map(({ frameId, reason = 'accepted' }) => `${frameId} ${reason}`);
  const had = outcomes.map(({ connectionId, sequence, verdict }) => `${connectionId}-${sequence} ${verdict}`);
  const differs = had.findIndex((text, place) => text !== told[place]);
  const bytes = outcomes.reduce((sum, { rawData }) => sum + rawData.byteLength, 0);
  return [
    ...(meter.frames === outcomes.length &&
    meter.accepted === outcomes.length - rejected.length &&
    meter.bytes === bytes
      ? []
      : [`the meter has ${meter.accepted} + ${meter.rejected} outcomes, ${outcomes.length} came out`]),
    ...Object.entries(meter.byReason).flatMap(([reason, count]) =>
      rejected.filter(({ verdict }) => verdict === reason).length === count
        ? []
        : [`the meter has ${count} × ${reason}`],
    ),
    ...(differs < 0 && told.length === had.length && auditLost === 0
      ? []
      : [`the audit log has ${told.length} records and lost ${auditLost}; ${had.length} outcomes came out`]),
  ];
}
