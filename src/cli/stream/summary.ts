import { counted } from '../terminal/counted.ts';
import type { Tally } from './tally.ts';
import { terminalText } from '../terminal/terminal-text.ts';

/** What there is to say at the end. */
export interface SummaryFacts {
  readonly tally: Tally;
  /** What became of the connections: `2 reconnections`. */
  readonly connections: readonly string[];
  /** How many outcomes a filter has let through, where there was one. */
  readonly passed?: number;
  /** How many lines for stdout were not written, or not whole. */
  readonly lostLines: number;
  /** Where the audit log is, how many of its records were lost, and where it is a chain, the hash of the last one. */
  readonly audit?: { readonly file: string; readonly lost: number; readonly lastHash?: string | undefined };
  /** What those that go along with the stream have to say, a line each. */
  readonly others?: readonly string[];
}

/** **What the run came to**, for stderr: whether each frame gave one outcome, connections, bytes, what is missing on stdout, the audit log. */
export function summary({ tally, connections, passed, lostLines, audit, others = [] }: SummaryFacts): string {
  const { received, accepted, rejected, bytes, byReason } = tally;
  const reasons = [...byReason].map(([reason, count]) => `${reason} ${count}`).join(', ');
  return [
    tally.isBalanced
      ? `${received} in = ${accepted} accepted + ${rejected} rejected`
      : `DEFECT: ${received} in, but ${accepted} accepted + ${rejected} rejected: frames were lost or counted twice`,
    ...(reasons === '' ? [] : [`rejected: ${reasons}`]),
    [...connections, `${bytes} bytes`].join(', '),
    ...(passed === undefined ? [] : [`filter: ${passed} of ${accepted + rejected} outcomes`]),
    ...(lostLines === 0 ? [] : [`stdout: INCOMPLETE: ${counted(lostLines, 'line')} lost`]),
    ...(audit === undefined ? [] : [auditLine(audit)]),
    ...others.map(terminalText),
  ].join('\n');
}

function auditLine({ file, lost, lastHash }: NonNullable<SummaryFacts['audit']>): string {
  const end = lastHash === undefined ? '' : `, last hash ${lastHash}`;
  const log = `audit log: ${terminalText(file)}${end}`;
  if (lost === 0) return log;
  return `${log}, INCOMPLETE: ${counted(lost, 'record')} lost`;
}
