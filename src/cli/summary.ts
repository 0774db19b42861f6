import { counted } from './counted.ts';
import type { Tally } from './tally.ts';
import { terminalText } from './terminal-text.ts';

/** What there is to say at the end. */
export interface SummaryFacts {
  readonly tally: Tally;
  /** What became of the connections: `2 reconnections`. */
  readonly connections: readonly string[];
  /** How many lines for stdout were not written, or not whole. */
  readonly lostLines: number;
  /** Where the audit log is, and how many of its records were lost. */
  readonly audit?: { readonly file: string; readonly lost: number };
  /** What those that go along with the stream have to say, a line each. */
  readonly others?: readonly string[];
}

/** **What the run came to**, for stderr: whether each frame gave one outcome, connections, bytes, what is missing on stdout, the audit log. */
export function summary({ tally, connections, lostLines, audit, others = [] }: SummaryFacts): string {
  const { received, accepted, rejected, bytes, byReason } = tally;
  const reasons = [...byReason].map(([reason, count]) => `${reason} ${count}`).join(', ');
  return [
    tally.isBalanced
      ? `${received} in = ${accepted} accepted + ${rejected} rejected`
      : `DEFECT: ${received} in, but ${accepted} accepted + ${rejected} rejected: frames were lost or counted twice`,
    ...(reasons === '' ? [] : [`rejected: ${reasons}`]),
    [...connections, `${bytes} bytes`].join(', '),
    ...(lostLines === 0 ? [] : [`stdout: INCOMPLETE: ${counted(lostLines, 'line')} lost`]),
    ...(audit === undefined ? [] : [auditLine(audit)]),
    ...others.map(terminalText),
  ].join('\n');
}

function auditLine({ file, lost }: NonNullable<SummaryFacts['audit']>): string {
  const log = `audit log: ${terminalText(file)}`;
  if (lost === 0) return log;
  return `${log}, INCOMPLETE: ${counted(lost, 'record')} lost`;
}
