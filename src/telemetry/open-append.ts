import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';

/**
 * **Opens a file to append lines to**; one that is not there yet is made, for its owner only (0o600).
 *
 * Where the file ends in the middle of a line (its last writer was killed), that line is ended first, so that the next one
 * stands alone. `O_NONBLOCK` means nothing to a file on a disk; a pipe is then never waited for: not for a reader here
 * (`ENXIO`, see open(2)), and not for room in a write (`EAGAIN`).
 *
 * @throws the system's error, where the file can't be opened
 */
export function openAppend(path: string): number {
  const fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, 0o600);
  try {
    const stats = fstatSync(fd);
    if (stats.isFile() && stats.size > 0 && !endsInNewline(path, stats.size)) writeSync(fd, '\n');
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function endsInNewline(path: string, size: number): boolean {
  const fd = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(fd, last, 0, 1, size - 1);
    return last.toString() === '\n';
  } finally {
    closeSync(fd);
  }
}
