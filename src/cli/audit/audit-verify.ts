import type { AuditFaultKind } from '../../telemetry/chain-check.ts';
import { NotChainedError } from '../../telemetry/not-chained-error.ts';
import { verifyAudit, type AuditVerdict } from '../../telemetry/verify-audit.ts';
import { counted } from '../terminal/counted.ts';
import { StatusLine } from '../terminal/status-line.ts';
import { terminalJson, terminalText } from '../terminal/terminal-text.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** How often the live line is drawn anew, in milliseconds. */
const REFRESH = 200;

/** What each kind of fault asks for. */
const ADVICE: Readonly<Record<AuditFaultKind, string>> = {
  changed: 'compare the line with a copy of the log, and find out who can write to the file',
  missing: 'give all files of the log together; where earlier ones are deleted, --part',
  reordered: 'the records are there: see what has put the files or the lines together',
  repeated: 'see whether a file was copied into another, or two processes wrote to one file',
  restarted:
    'each chain begins in a file that was new or empty: see who removed the one before, and verify each by itself',
  truncated:
    'where its process is gone, the next start goes on behind a torn line; else look for a copy that has the end',
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
  const view = new StatusLine(process.stderr, process.stderr.isTTY && process.env['TERM'] !== 'dumb');
  try {
    const progress = progressOn(view);
    const verdict = await verifyAudit(files, { part, progress, ...(expect !== undefined && { expect }) });
    view.clear();
    process.stdout.write(`${json ? terminalJson(verdict) : inWords(verdict)}\n`);
    return verdict.isWhole;
  } catch (error) {
    view.clear();
    const isUsage = error instanceof NotChainedError || error instanceof RangeError;
    throw isUsage ? new UsageError(error.message, { cause: error }) : error;
  }
}

function progressOn(view: StatusLine): (bytes: number, total: number) => void {
  const began = performance.now();
  let shownAt = began;
  return (bytes, total) => {
    const now = performance.now();
    if (!view.isLive || now - shownAt < REFRESH) return;
    shownAt = now;
    const perSecond = (bytes / (now - began)) * 1_000;
    view.show({
      state: `verifying ${Math.floor((bytes / total) * 100)} %`,
      colour: 'green',
      facts: [`${megabytes(bytes)} of ${megabytes(total)} MB`, `${megabytes(perSecond)} MB/s`],
    });
  };
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6));
}

function inWords(verdict: AuditVerdict): string {
  const { isWhole, files, records, firstSeq, lastSeq, lastHash, lost, torn, faults, faultCount } = verdict;
  const kinds = [...new Set(faults.map(({ kind }) => kind))];
  return [
    ...torn.map(
      (line) => `${place(line)}: torn: ${line.byteLength} bytes of a record, left by a killed process; no fault`,
    ),
    ...faults.map((fault) => `${place(fault)}: ${fault.kind}: ${fault.message}`),
    isWhole ? 'whole' : `NOT WHOLE: ${counted(faultCount, 'fault')}`,
    ...(faultCount > faults.length ? [`the first ${faults.length} are listed`] : []),
    ...kinds.map((kind) => `${kind}: ${ADVICE[kind]}`),
    [
      firstSeq === undefined ? 'no record' : `${counted(records, 'record')}: ${firstSeq} to ${lastSeq ?? firstSeq}`,
      counted(files.length, 'file'),
      ...(lost === 0 ? [] : [`${counted(lost, 'record')} lost when they were to be written, as the log itself says`]),
    ].join(', '),
    `last hash ${lastHash}`,
  ].join('\n');
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
