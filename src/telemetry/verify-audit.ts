import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { NextObserver } from 'rxjs';
import { flag, knownOptions, optionError } from '../../operators/options.ts';
import { reporter } from '../../operators/reporter.ts';
import { ChainCheck, type ChainFindings } from './chain-check.ts';
import { eachLine } from './each-line.ts';
import { linkOf } from './hash-chain.ts';
import { NotChainedError } from './not-chained-error.ts';

/** How far {@link verifyAudit} has come. */
export interface VerifyAuditProgress {
  /** Of all files: how many bytes were read, and how many there are. */
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** Options of {@link verifyAudit}. */
export interface VerifyAuditOptions {
  /** The hash of a record that has to be there, such as an earlier `lastHash`: without it, nobody can see that the end was cut off. @defaultValue none */
  readonly expect?: string | undefined;
  /** Whether the log may begin with another record than the first one ever, because earlier files are deleted or not given. @defaultValue false */
  readonly part?: boolean;
  /** Ends it: it rejects with the signal's reason. @defaultValue none */
  readonly signal?: AbortSignal;
  /** Told how far it has come: after each piece that was read. @defaultValue none */
  readonly progress?: NextObserver<VerifyAuditProgress>;
}

/** What {@link verifyAudit} found. */
export interface AuditVerdict extends Omit<ChainFindings, 'hasLinks'> {
  /** Whether there is no fault. */
  readonly isWhole: boolean;
  /** In the order of their records. */
  readonly files: readonly string[];
  readonly bytes: number;
}

/**
 * **Checks an audit log that was written with `chain`**, and says where a record was changed, is missing, reordered or
 * repeated, or where the log was cut off. Reads a file of any size in bounded memory, and goes on after a fault: up to 100 are
 * listed, `faultCount` counts them all.
 *
 * Files that a rotation made are given together; they are taken in the order of their records, and one that is given twice is
 * read once. Whoever can write the files
 * can also make a new chain in them: only `expect`, from a place that they can't write to, shows that.
 *
 * @throws TypeError or RangeError where an option makes no sense
 * @throws NotChainedError where no record has a link; the system's error, where a file can't be read; the signal's reason
 */
export async function verifyAudit(
  files: string | readonly string[],
  options: VerifyAuditOptions = {},
): Promise<AuditVerdict> {
  knownOptions('verifyAudit', options, ['expect', 'part', 'signal', 'progress']);
  const { expect, part = false, signal } = options;
  if (expect !== undefined && !/^[0-9a-f]{64}$/.test(expect)) {
    throw optionError('verifyAudit: expect', '64 hexadecimal digits in lower case', expect, typeof expect !== 'string');
  }
  flag('verifyAudit: part', part);
  const report = reporter('verifyAudit: progress', options.progress);
  const given = paths(files);

  const stats = await Promise.all(given.map((file) => stat(file)));
  const stream = stats.findIndex((file) => !file.isFile());
  if (given.length > 1 && stream !== -1) {
    throw new RangeError(
      `verifyAudit: of several files each is read twice, which can't be done with ${String(given[stream])}; put them into one stream`,
    );
  }
  const total = stats.reduce((sum, { size }) => sum + size, 0);
  const ordered = given.length === 1 ? given : await inOrder(given, signal);
  const check = new ChainCheck(expect, part);
  let bytes = 0;
  for (const file of ordered) {
    check.begin(file);
    await eachLine(
      file,
      (line, isEnded) => {
        check.take(line, isEnded);
        return true;
      },
      (more) => {
        bytes += more;
        report({ bytesRead: bytes, bytesTotal: Math.max(bytes, total) });
      },
      signal,
    );
  }
  const { hasLinks, ...findings } = check.findings();
  if (!hasLinks && bytes > 0) throw new NotChainedError(ordered);
  return { isWhole: findings.faultCount === 0, files: ordered, bytes, ...findings };
}

/** The files that are given, each once. */
function paths(files: unknown): string[] {
  const given: unknown[] = Array.isArray(files) ? files : [files];
  const unique = new Map<string, string>();
  for (const file of given) {
    if (typeof file !== 'string') throw optionError('verifyAudit: files', 'a path, or a list of paths', file, true);
    if (!unique.has(resolve(file))) unique.set(resolve(file), file);
  }
  if (unique.size === 0) throw new RangeError('verifyAudit: files must have at least one path');
  return [...unique.values()];
}

/** By the first record of each that is as it was written. One with none comes last. */
async function inOrder(files: readonly string[], signal: AbortSignal | undefined): Promise<string[]> {
  const placed = [];
  for (const file of files) placed.push({ file, seq: await firstSeq(file, signal) });
  return placed.sort((one, other) => one.seq - other.seq).map(({ file }) => file);
}

async function firstSeq(file: string, signal: AbortSignal | undefined): Promise<number> {
  let seq = Number.MAX_SAFE_INTEGER;
  const take = (line: Buffer) => {
    const link = linkOf(line);
    if (link?.hash !== link?.actual || link === undefined) return true;
    seq = link.seq;
    return false;
  };
  await eachLine(file, take, () => undefined, signal);
  return seq;
}
