import { open, stat } from 'node:fs/promises';
import { CaptureError } from '../../operators/errors.ts';
import { FileWindow } from './file-window.ts';
import { MAGIC, readCapture } from './read-capture.ts';
import { readHar } from './read-har.ts';
import type { RecordedFrames, TimeRange } from './recorded-frames.ts';

/**
 * **Reads the frames of a file**: a capture, or a HAR file, whichever its first bytes say that it is.
 *
 * @param index - the place of the file among those replayed
 * @throws CaptureError where it is neither, damaged, or no file that has a size; the system's error, where it can't be read
 */
export async function* readFrames(path: string, index: number, range: TimeRange): AsyncGenerator<RecordedFrames> {
  const stats = await stat(path);
  // A pipe says that it is empty.
  if (!stats.isFile()) throw new CaptureError(`${path} is no file, but a folder, a pipe or a device.`, path);
  const file = await open(path);
  try {
    const window = new FileWindow(path, stats.size, file);
    const first = await window.read(0, MAGIC.length);
    // A capture may have been killed as early as that.
    const isCapture = first.equals(MAGIC.subarray(0, first.length));
    yield* isCapture ? readCapture(window, range) : readHar(window, index, range);
  } finally {
    await file.close();
  }
}
