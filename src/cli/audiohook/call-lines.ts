import type { AudioHookCallTotals, CallResult } from '../../simulator/index.ts';
import { terminalJson } from '../terminal-text.ts';

/** **What calls came to, as lines of JSON**: one for each session, and the totals. */
export function callLines(results: readonly CallResult[], totals: AudioHookCallTotals, elapsed: number): string {
  const sessions = results.map(({ events, ...result }) => ({
    type: 'session',
    ...result,
    transcripts: events.transcripts,
    otherEvents: events.others,
  }));
  return [...sessions, { type: 'totals', ...totals, durationMs: Math.round(elapsed) }].map(terminalJson).join('\n');
}
