import { appendFileSync, fstatSync, ftruncateSync, readSync } from 'node:fs';

/**
 * **Ends the last line of a file, where it is unfinished** (its last writer was killed), so that the next one stands alone.
 *
 * @param fd - open to append and to read; what is no file is left alone
 * @param next - lines that come at once behind the end: either both are written, or nothing is
 * @throws the system's error, where it can't be written
 */
export function endLine(fd: number, next = ''): void {
  const stats = fstatSync(fd);
  if (!stats.isFile() || stats.size === 0 || endsInNewline(fd, stats.size)) return;
  try {
    appendFileSync(fd, `\n${next}`);
  } catch (error) {
    ftruncateSync(fd, stats.size);
    throw error;
  }
}

function endsInNewline(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last.toString() === '\n';
}
