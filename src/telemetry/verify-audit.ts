import { stat } from 'node:fs/promises';
import { callable, flag, knownOptions, optionError } from '../../operators/options.ts';
import { ChainCheck, type ChainFindings } from './chain-check.ts';
import { eachLine } from './each-line.ts';
import { linkOf } from './hash-chain.ts';
import { NotChainedError } from './not-chained-error.ts';

/** Options of {@link verifyAudit}. */
export interface VerifyAuditOptions {
  /** The hash of a record that has to be there, such as an earlier `lastHash`: without it, nobody can see that the end was cut off. @defaultValue none */
  readonly expect?: string | undefined;
  /** Whether the log may begin with another record than the first one ever, because earlier files are deleted or not given. @defaultValue false */
  readonly part?: boolean;
  /** Ends it: it rejects with the signal's reason. @defaultValue none */
  readonly signal?: AbortSignal;
  /** Told how many bytes are read, of how many. @defaultValue none */
  readonly progress?: (bytes: number, total: number) => void;
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
 * Files that a rotation made are given together; they are taken in the order of their records. Whoever can write the files
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
  const { expect, part = false, signal, progress = () => undefined } = options;
  if (expect !== undefined && !/^[0-9a-f]{64}$/.test(expect)) {
    throw optionError('verifyAudit: expect', '64 hexadecimal digits in lower case', expect, typeof expect !== 'string');
  }
  flag('verifyAudit: part', part);
  callable('verifyAudit: progress', progress);
  const given = typeof files === 'string' ? [files] : files;
  if (given.length === 0) throw new RangeError('verifyAudit: files must have at least one path');

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
        progress(bytes, Math.max(bytes, total));
      },
      signal,
    );
  }
  const { hasLinks, ...findings } = check.findings();
  if (!hasLinks && bytes > 0) throw new NotChainedError(ordered);
  return { isWhole: findings.faultCount === 0, files: ordered, bytes, ...findings };
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
