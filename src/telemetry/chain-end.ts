import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hash } from 'node:crypto';
import { linkOf, type ChainEnd } from './hash-chain.ts';
import { rotatedFiles } from './rotated-files.ts';

/** How much of the end of a file is read first, and at most: the last record stands in it. */
const FIRST_READ = 64 * 1024;
const LONGEST_READ = 64 * 1024 * 1024;
const NEWLINE = 10;
/** `{` */
const BRACE = 123;

/** What stands behind the last record of a chain: the beginning of another, by a process that was killed. */
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
 * @param fd - the open file at `path`, which ends in a newline
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

/** Reads backwards until there is a record in what is read. */
function endOf(fd: number): FileEnd {
  const { size } = fstatSync(fd);
  for (let length = Math.min(FIRST_READ, size); ; length = Math.min(length * 8, size, LONGEST_READ)) {
    const text = Buffer.alloc(length);
    const read = readSync(fd, text, 0, length, size - length);
    const end = endIn(text.subarray(0, read), length === size);
    if (end.last !== undefined || length === size || length === LONGEST_READ) return end;
  }
}

/** The last line with a link that is right, and what stands behind it. */
function endIn(text: Buffer, isWhole: boolean): FileEnd {
  for (let end = text.lastIndexOf(NEWLINE); end !== -1;) {
    const before = end === 0 ? -1 : text.lastIndexOf(NEWLINE, end - 1);
    // Without what stands before it, the first line may not be whole.
    const link = before === -1 && !isWhole ? undefined : linkOf(text.subarray(before + 1, end));
    if (link !== undefined && link.hash === link.actual) {
      return { last: link, torn: tornIn(text.subarray(end + 1)), hasLines: true };
    }
    end = before;
  }
  const isBegun = isWhole && (text.length === 0 || (text[0] === BRACE && !text.includes('}\n')));
  return { last: undefined, torn: tornIn(text), hasLines: !isBegun };
}

function tornIn(rest: Buffer): TornEnd | undefined {
  if (rest.length === 0) return undefined;
  const torn = rest.subarray(0, rest.at(-1) === NEWLINE ? -1 : undefined);
  return { byteLength: torn.length, sha256: hash('sha256', torn, 'hex') };
}
