import type { AuditFault, AuditFaultKind } from '../../telemetry/chain-check.ts';
import { NotChainedError } from '../../telemetry/not-chained-error.ts';
import { verifyAudit, type AuditVerdict, type VerifyAuditProgress } from '../../telemetry/verify-audit.ts';
import { counted } from '../terminal/counted.ts';
import { isLiveTerminal } from '../terminal/is-live-terminal.ts';
import { StatusLine } from '../terminal/status-line.ts';
import { terminalJson, terminalText } from '../terminal/terminal-text.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** How often the live line is drawn anew, in milliseconds. */
const REFRESH = 200;

/** What each kind of fault asks for. */
const ADVICE: Readonly<Record<Exclude<AuditFaultKind, 'missing'>, string>> = {
  changed: 'compare the line with a copy of the log, and find out who can write to the file',
  reordered: 'the records are there: see what has put the files or the lines together',
  repeated: 'see whether a file was copied into another, or two processes wrote to one file',
  restarted:
    'each chain begins in a file that was new or empty: see who removed the one before, and verify each by itself',
  truncated:
    'where its process is gone, the next start goes on behind an unfinished line; else look for a copy that has the end',
  unanchored:
    'no record has the hash of --expect: the log ends before it, was written anew, or the record stood in a file that is deleted or not given',
};

/** What {@link auditVerify} is to do. */
export interface AuditVerifyWishes {
  readonly expect: string | undefined;
  readonly part: boolean;
  readonly json: boolean;
}

/**
 * **Verifies an audit log, and prints what it found**; gives whether it is whole.
 *
 * @throws UsageError where no record is chained, or several files are not all files; the system's error, where a file can't be read
 */
export async function auditVerify(files: readonly string[], wishes: AuditVerifyWishes): Promise<boolean> {
  const { expect, part, json } = wishes;
  const view = new StatusLine(process.stderr, isLiveTerminal(process.stderr));
  try {
    const progress = progressOn(view);
    const verdict = await verifyAudit(files, { part, progress, ...(expect !== undefined && { expect }) });
    view.clear();
    process.stdout.write(`${json ? terminalJson(verdict) : inWords(verdict, expect !== undefined)}\n`);
    return verdict.isWhole;
  } catch (error) {
    view.clear();
    const isUsage = error instanceof NotChainedError || error instanceof RangeError;
    throw isUsage ? new UsageError(error.message, { cause: error }) : error;
  }
}

function progressOn(view: StatusLine): { next: (progress: VerifyAuditProgress) => void } {
  const began = performance.now();
  let shownAt = began;
  return {
    next: ({ bytesRead, bytesTotal }) => {
      const now = performance.now();
      if (!view.isLive || now - shownAt < REFRESH) return;
      shownAt = now;
      const perSecond = (bytesRead / (now - began)) * 1_000;
      view.show({
        state: `verifying ${Math.floor((bytesRead / bytesTotal) * 100)} %`,
        colour: 'green',
        facts: [`${megabytes(bytesRead)} of ${megabytes(bytesTotal)} MB`, `${megabytes(perSecond)} MB/s`],
      });
    },
  };
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6));
}

function inWords(verdict: AuditVerdict, isEndChecked: boolean): string {
  const { isWhole, files, records, firstSeq, lastSeq, lastHash, lost, torn, faults, faultCount } = verdict;
  const whole = isEndChecked ? 'whole' : `whole, up to record ${lastSeq ?? 0}; the end is not checked (--expect)`;
  return [
    ...torn.map(
      (line) =>
        `${place(line)}: torn: ${line.byteLength} bytes: an unfinished line, which the record after it vouches for; no fault`,
    ),
    ...faults.map((fault) => `${place(fault)}: ${fault.kind}: ${fault.message}`),
    isWhole ? whole : `NOT WHOLE: ${counted(faultCount, 'fault')}`,
    ...(faultCount > faults.length ? [`the first ${faults.length} are listed`] : []),
    ...new Set(faults.map(advice)),
    [
      firstSeq === undefined ? 'no record' : `${counted(records, 'record')}: ${firstSeq} to ${lastSeq ?? firstSeq}`,
      counted(files.length, 'file'),
      ...(lost === 0 ? [] : [`${counted(lost, 'record')} lost when they were to be written, as the log itself says`]),
    ].join(', '),
    `last hash ${lastHash}`,
  ].join('\n');
}

function advice({ kind, line }: AuditFault): string {
  if (kind !== 'missing') return `${kind}: ${ADVICE[kind]}`;
  return line === 1
    ? 'missing at the start of a file: give all files of the log together; where earlier ones are deleted, --part'
    : 'missing inside a file: removed there, or left out when files were put together; compare with a copy';
}

function place({
  file,
  line,
  offset,
}: {
  readonly file: string;
  readonly line: number;
  readonly offset: number;
}): string {
  return `${terminalText(file)}:${line} (byte ${offset})`;
}
