import { constants, openSync, statSync } from 'node:fs';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR, O_WRONLY } = constants;

/**
 * **Opens a file to append lines to**; one that is not there yet is made, for its owner only (0o600).
 *
 * `O_NONBLOCK` means nothing to a file on a disk; a pipe is then never waited for: not for a reader here (`ENXIO`, see open(2)),
 * and not for room in a write (`EAGAIN`).
 *
 * A file is opened for reading too, so that its end can be looked at.
 *
 * @throws the system's error, where the file can't be opened
 */
export function openAppend(path: string): number {
  // Opened for reading too, a pipe would be its own reader.
  const access = statSync(path, { throwIfNoEntry: false })?.isFile() === false ? O_WRONLY : O_RDWR;
  return openSync(path, access | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
}
