import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR, O_WRONLY } = constants;

/**
 * **Opens a file to append lines to**; one that is not there yet is made, for its owner only (0o600).
 *
 * Where the file ends in the middle of a line (its last writer was killed), that line is ended first, so that the next one
 * stands alone. `O_NONBLOCK` means nothing to a file on a disk; a pipe is then never waited for: not for a reader here
 * (`ENXIO`, see open(2)), and not for room in a write (`EAGAIN`).
 *
 * A file is opened for reading too, so that its end can be looked at later.
 *
 * @throws the system's error, where the file can't be opened
 */
export function openAppend(path: string): number {
  // Opened for reading too, a pipe would be its own reader.
  const access = statSync(path, { throwIfNoEntry: false })?.isFile() === false ? O_WRONLY : O_RDWR;
  const fd = openSync(path, access | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
  try {
    const stats = fstatSync(fd);
    if (stats.isFile() && stats.size > 0 && !endsInNewline(fd, stats.size)) writeSync(fd, '\n');
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function endsInNewline(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last.toString() === '\n';
}
