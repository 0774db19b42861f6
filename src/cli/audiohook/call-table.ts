import type { AudioHookCallTotals, CallResult, Percentiles } from '../../simulator/index.ts';
import { textTable } from '../terminal/text-table.ts';
import { outcomeOfCall } from './outcome-of-call.ts';
import { secondsOf } from './seconds-of.ts';

/** How many outcomes have a row of their own. */
const OUTCOMES_SHOWN = 10;
/** How much is shown of what a session met, in characters: a server may say anything. */
const OUTCOME_LENGTH = 100;

/** **What calls came to, for people**: the sessions by their outcome, and the figures. */
export function callTable(results: readonly CallResult[], totals: AudioHookCallTotals, elapsed: number): string {
  const { audio, messages, rtt, pacingError, rateLimited } = totals;
  const outcomes = new Map<string, number>();
  for (const result of results) {
    const whole = outcomeOfCall(result);
    const outcome = whole.length > OUTCOME_LENGTH ? `${whole.slice(0, OUTCOME_LENGTH - 1)}…` : whole;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const byCount = [...outcomes].sort(([, one], [, other]) => other - one);
  const others = byCount.slice(OUTCOMES_SHOWN);
  const samples = results.reduce((sum, result) => sum + result.audio.discardedSamples, 0);
  const transcripts = results.reduce((sum, { events }) => sum + events.transcripts, 0);
  return textTable([
    ['sessions', String(results.length)],
    ...byCount.slice(0, OUTCOMES_SHOWN).map(([outcome, count]) => [`  ${outcome}`, String(count)]),
    ...(others.length === 0 ? [] : [['  other', String(others.reduce((sum, [, count]) => sum + count, 0))]]),
    ['audio', `${secondsOf(audio.samples)} in ${audio.messages} messages, ${audio.bytes} bytes`],
    ...(samples === 0 ? [] : [['discarded', secondsOf(samples)]]),
    ['audio messages a second', (audio.messages / (elapsed / 1_000)).toFixed(1)],
    ['other messages', `${messages.sent} sent, ${messages.received} received`],
    ['pacing error', spread(pacingError)],
    ['round trip', spread(rtt)],
    ['transcripts', String(transcripts)],
    ...(rateLimited === 0 ? [] : [['over the rate limit', `${rateLimited} messages of the server`]]),
  ]);
}

function spread(percentiles: Percentiles | undefined): string {
  if (percentiles === undefined) return '-';
  const { p50, p99, max } = percentiles;
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`;
}
