import { expect } from 'vitest';
import type { SentFrame } from '../../../src/simulator/index.ts';
import { lines } from '../../cli/run.ts';

/** A line on stdout, or in the audit log. */
export interface Line {
  /** The connection, and the place on it. */
  readonly frameId: string;
  readonly outcome: 'accepted' | 'rejected';
  readonly reason?: string;
  readonly byteLength: number;
}

/** What the summary says. */
export interface Summary {
  readonly received: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly reconnections: number;
  /** Lines missing on stdout, and records missing in the audit log. */
  readonly lostLines: number;
  readonly lostRecords: number;
}

/** The lines of a text, each of them whole: JSON, with a newline. */
export function wholeLines(text: string): Line[] {
  return lines(text).map((line) => JSON.parse(line) as Line);
}

/** The same where the last line may be torn, and only that. */
export function linesBeforeTorn(text: string): Line[] {
  return wholeLines(text.slice(0, text.lastIndexOf('\n') + 1));
}

/** The records of an audit log, without those that tell of losses. */
export function recordsIn(audit: string): Line[] {
  return wholeLines(audit).filter((line) => !('lost' in line));
}

export const frameIds = (list: readonly Line[]): string[] => list.map(({ frameId }) => frameId);

/** Reads the summary at the end of what stderr says; fails where there is none, or it is not even. */
export function summaryOf(stderr: string): Summary {
  const number = (pattern: RegExp) => Number(pattern.exec(stderr)?.[1] ?? 0);
  expect(stderr).toMatch(/^\d+ in = \d+ accepted \+ \d+ rejected$/m);
  const summary = {
    received: number(/^(\d+) in = /m),
    accepted: number(/ in = (\d+) accepted/),
    rejected: number(/ \+ (\d+) rejected$/m),
    bytes: number(/, (\d+) bytes$/m),
    reconnections: number(/^(\d+) reconnections?, /m),
    lostLines: number(/^stdout: INCOMPLETE: (\d+) lines? lost$/m),
    lostRecords: number(/, INCOMPLETE: (\d+) records? lost$/m),
  };
  expect(summary.accepted + summary.rejected).toBe(summary.received);
  return summary;
}

const connectionOf = ({ frameId }: Line): string => frameId.slice(0, frameId.lastIndexOf('-'));

/** The outcomes are those of what the simulator sent: on each connection from the first on, each once, none left out. */
export function expectAsSent(outcomes: readonly Line[], sent: readonly SentFrame[]): void {
  const connections = [...new Set(outcomes.map(connectionOf))];
  const explained = connections.flatMap((connectionId, ordinal) => {
    const count = outcomes.filter((outcome) => connectionOf(outcome) === connectionId).length;
    const frames = sent.filter(({ connection }) => connection === ordinal).slice(0, count);
    return frames.map(({ index, byteLength, expected }) => `${connectionId}-${index} ${byteLength} B: ${expected}`);
  });
  const told = outcomes.map(
    ({ frameId, byteLength, outcome, reason }) => `${frameId} ${byteLength} B: ${reason ?? outcome}`,
  );
  expect(told).toEqual(explained);
}

/** The summary is that of these outcomes. */
export function expectSummaryOf(outcomes: readonly Line[], stderr: string): Summary {
  const summary = summaryOf(stderr);
  const accepted = outcomes.filter(({ outcome }) => outcome === 'accepted').length;
  const bytes = outcomes.reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(summary).toMatchObject({ received: outcomes.length, accepted, bytes });
  const reasons = /^rejected: (.*)$/m.exec(stderr)?.[1]?.split(', ') ?? [];
  const counts = new Map<string, number>();
  for (const { reason } of outcomes) if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  expect(reasons).toEqual([...counts].map(([reason, count]) => `${reason} ${count}`));
  return summary;
}
