import { rm } from 'node:fs/promises';
import { record } from '../../../operators/record.ts';
import { captureFile, type CaptureFile, type CaptureRotation } from '../../capture/capture-file.ts';
import type { Companion, CompanionParts } from './companion.ts';
import { counted } from '../terminal/counted.ts';
import { messageOf } from '../terminal/message-of.ts';
import { UsageError } from '../arguments/usage-error.ts';

/**
 * **A recording beside a stream on the command line**, told of in the summary.
 *
 * @throws UsageError where the file can't be made
 */
export function captureCompanion(
  path: string,
  rotate: CaptureRotation | undefined,
  { flow, log }: Pick<CompanionParts, 'flow' | 'log'>,
): Companion {
  const onError = (error: Error) => log(`recording: ${messageOf(error)}`);
  const capture = open(path, { flow, onError, ...(rotate !== undefined && { rotate }) });
  return {
    through: record(capture),
    close: async () => {
      await capture.close();
      if (capture.frames + capture.lost > 0) return;
      // Nothing was recorded: the next attempt may have the name.
      await Promise.allSettled(capture.files.map((file) => rm(file)));
    },
    summary: () => [summaryLine(capture)],
    isWhole: () => capture.lost === 0,
  };
}

function open(...[path, options]: Parameters<typeof captureFile>): CaptureFile {
  try {
    return captureFile(path, options);
  } catch (error) {
    const { code, message } = (error as Error).cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'it exists, and a recording never takes the place of a file' : message;
    throw new UsageError(`${JSON.stringify(path)} can't be made: ${why}`, { cause: error });
  }
}

function summaryLine({ files, frames, bytes, lost }: CaptureFile): string {
  const [first = '', ...others] = files;
  if (frames + lost === 0) return 'recorded nothing';
  const more = others.length === 0 ? '' : ` and ${counted(others.length, 'more file')}`;
  const recording = `recorded in ${first}${more}: ${counted(frames, 'frame')}, ${bytes} bytes`;
  return lost === 0 ? recording : `${recording}, INCOMPLETE: ${counted(lost, 'frame')} lost`;
}
