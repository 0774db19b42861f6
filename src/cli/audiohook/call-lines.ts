import type { AudioHookCallTotals, CallResult } from '../../simulator/index.ts';
import { terminalJsonOr } from '../terminal/terminal-json-or.ts';
import { terminalJson } from '../terminal/terminal-text.ts';

/** **What calls came to, as lines of JSON**: one for each session, and the totals. */
export function callLines(results: readonly CallResult[], totals: AudioHookCallTotals, elapsed: number): string {
  return [...results.map(callLine), terminalJson({ type: 'totals', ...totals, durationMs: Math.round(elapsed) })].join(
    '\n',
  );
}

/** What a server has put into `opened` may be nested too deep to be written: then that is null. */
function callLine({ events, ...result }: CallResult): string {
  const line = { type: 'session', ...result, transcripts: events.transcripts, otherEvents: events.others };
  return terminalJsonOr(line, () => ({ ...line, opened: null }));
}
