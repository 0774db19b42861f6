import type { Tally } from './tally.ts';

/** What there is to say at the end. */
export interface SummaryFacts {
  readonly tally: Tally;
  /** How many times a connection was opened after the first. */
  readonly reconnections: number;
  /** Where the audit log is, and how many of its records were lost. */
  readonly audit?: { readonly file: string; readonly lost: number };
}

/** **What the run came to**, for stderr: whether each frame gave one outcome, reconnections, bytes, the audit log. */
export function summary({ tally, reconnections, audit }: SummaryFacts): string {
  const { received, accepted, rejected, bytes, byReason } = tally;
  const reasons = [...byReason].map(([reason, count]) => `${reason} ${count}`).join(', ');
  return [
    tally.isBalanced
      ? `${received} in = ${accepted} accepted + ${rejected} rejected`
      : `DEFECT: ${received} in, but ${accepted} accepted + ${rejected} rejected: frames were lost or counted twice`,
    ...(reasons === '' ? [] : [`rejected: ${reasons}`]),
    `${reconnections} ${reconnections === 1 ? 'reconnection' : 'reconnections'}, ${bytes} bytes`,
    ...(audit === undefined ? [] : [auditLine(audit)]),
  ].join('\n');
}

function auditLine({ file, lost }: NonNullable<SummaryFacts['audit']>): string {
  if (lost === 0) return `audit log: ${file}`;
  return `audit log: ${file}, INCOMPLETE: ${lost} ${lost === 1 ? 'record' : 'records'} lost`;
}
