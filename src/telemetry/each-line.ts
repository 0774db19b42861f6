import { open } from 'node:fs/promises';

const READ_BYTES = 1024 * 1024;
/** A line that is longer is taken in pieces of that length, in bytes. */
const LONGEST_LINE = 64 * 1024 * 1024;
const NEWLINE = 10;

/**
 * **Reads a file line by line in bounded memory.** `take` gets each line without its newline, and whether there was one; the
 * bytes are its own for the time of the call only. Where it gives false, reading ends.
 *
 * @param progress - told how many more bytes were read
 * @throws the system's error, where the file can't be read; the signal's reason
 */
export async function eachLine(
  path: string,
  take: (line: Buffer, isEnded: boolean) => boolean,
  progress: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const file = await open(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(READ_BYTES);
    let filled = 0;
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file
        .read(buffer, filled, buffer.length - filled, null)
        .catch((error: unknown) => Promise.reject(named(error as Error, path)));
      if (bytesRead === 0) break;
      progress(bytesRead);
      const scanned = filled;
      filled += bytesRead;
      const text = buffer.subarray(0, filled);
      let start = 0;
      for (let end = text.indexOf(NEWLINE, scanned); end !== -1; end = text.indexOf(NEWLINE, start)) {
        if (!take(text.subarray(start, end), true)) return;
        start = end + 1;
      }
      if (start === 0 && filled === LONGEST_LINE) {
        if (!take(text, true)) return;
        start = filled;
      }
      const room = start === 0 && filled === buffer.length ? Buffer.allocUnsafe(buffer.length * 2) : buffer;
      text.copy(room, 0, start);
      buffer = room;
      filled -= start;
    }
    if (filled > 0) take(buffer.subarray(0, filled), false);
  } finally {
    await file.close();
  }
}

/** The system names the file where it can't be opened, but not where it can't be read: a folder, a disk's fault. */
function named(error: Error, path: string): Error {
  return Object.assign(error, { message: `${error.message} '${path}'`, path });
}
