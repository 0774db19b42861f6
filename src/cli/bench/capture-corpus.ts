import type { Receipt } from '../../../operators/frame.ts';
import { readFrames } from '../../capture/read-frames.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** So many frames of a capture are taken, where they are no larger in the whole than {@link MOST_BYTES}. */
const MOST_FRAMES = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * **The first frames of a capture**, in memory.
 *
 * @throws UsageError where there are none; the error of reading it
 */
export async function captureCorpus(path: string): Promise<readonly Receipt[]> {
  const corpus: Receipt[] = [];
  let bytes = 0;
  for await (const { frames } of readFrames(path, 0, { from: -Infinity, to: Infinity })) {
    for (const frame of frames) {
      if (corpus.length === MOST_FRAMES || bytes >= MOST_BYTES) return corpus;
      bytes += frame.rawData.length;
      corpus.push({ ...frame, receivedAt: performance.now() });
    }
  }
  if (corpus.length === 0) throw new UsageError(`--capture: there are no frames in ${JSON.stringify(path)}`);
  return corpus;
}
