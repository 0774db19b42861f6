import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hash } from 'node:crypto';
import { linkOf, type ChainEnd } from './hash-chain.ts';
import { rotatedFiles } from './rotated-files.ts';

/** How much of the end of a file is read first, and at most: the last record stands in it. */
const FIRST_READ = 64 * 1024;
const LONGEST_READ = 64 * 1024 * 1024;
const NEWLINE = 10;
/** How much of the end of a file is looked at for a record of a chain, before it is taken for a plain one. */
const PLAIN_READ = 1024 * 1024;
const OPENING = '{'.charCodeAt(0);
const CLOSING = '}'.charCodeAt(0);

/** An unfinished line at the end of a file: most likely the beginning of a record, by a process that was killed. */
export interface TornEnd {
  readonly byteLength: number;
  readonly sha256: string;
}

/** Where a log ends. */
export interface LogEnd {
  /** Undefined: there is no record yet. */
  readonly last: ChainEnd | undefined;
  readonly torn: TornEnd | undefined;
}

/** The end of one file. */
interface FileEnd extends LogEnd {
  /** Whether there is more in it than the beginning of a first record. */
  readonly hasLines: boolean;
}

/**
 * **Finds the record that a chain goes on from**: the last one of the file; where there is none yet, that of the file before.
 *
 * @param fd - the open file at `path`
 * @throws Error where the file has records that are not chained; the system's error, where it can't be read
 */
export function logEnd(path: string, fd: number): LogEnd {
  const end = endOf(fd);
  if (end.last !== undefined) return end;
  if (end.hasLines) throw new Error('it has records that are not chained; begin another file');
  return { last: lastFinished(path), torn: end.torn };
}

function lastFinished(path: string): ChainEnd | undefined {
  const file = rotatedFiles(path).at(-1);
  if (file === undefined) return undefined;
  const fd = openSync(file.path, 'r');
  try {
    return endOf(fd).last;
  } finally {
    closeSync(fd);
  }
}

/** Whether a file ends in records of a chain, as far as a look at its end tells. */
export function isChained(fd: number): boolean {
  return endOf(fd, PLAIN_READ).last !== undefined;
}

/** Reads backwards until there is a record in what is read. */
function endOf(fd: number, longestRead = LONGEST_READ): FileEnd {
  const { size } = fstatSync(fd);
  for (let length = Math.min(FIRST_READ, size); ; length = Math.min(length * 8, size, longestRead)) {
    const text = Buffer.alloc(length);
    const read = readSync(fd, text, 0, length, size - length);
    const end = endIn(text.subarray(0, read), length === size);
    if (end.last !== undefined || length === size || length === longestRead) return end;
  }
}

/** The last line with a link that is right, and the unfinished line at the end. Whole lines that others wrote are passed over. */
function endIn(text: Buffer, isWhole: boolean): FileEnd {
  const rest = text.subarray(text.lastIndexOf(NEWLINE) + 1);
  const unended = recordIn(rest);
  if (unended !== undefined) return { last: unended, torn: undefined, hasLines: true };
  const torn = rest.length === 0 ? undefined : { byteLength: rest.length, sha256: hash('sha256', rest, 'hex') };
  for (let end = text.lastIndexOf(NEWLINE); end !== -1;) {
    const before = end === 0 ? -1 : text.lastIndexOf(NEWLINE, end - 1);
    const last = recordIn(text.subarray(before + 1, end));
    if (last !== undefined) return { last, torn, hasLines: true };
    end = before;
  }
  const isBegun = rest.length === text.length && rest[0] === OPENING && rest.at(-1) !== CLOSING;
  return { last: undefined, torn, hasLines: !(isWhole && (text.length === 0 || isBegun)) };
}

/** A line as a record of a chain; undefined where it is none, was changed, or is the end of a line only. */
function recordIn(line: Buffer): ChainEnd | undefined {
  const link = linkOf(line);
  return link?.hash === link?.actual ? link : undefined;
}
