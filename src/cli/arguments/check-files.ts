import { access, constants } from 'node:fs/promises';
import { messageOf } from '../terminal/message-of.ts';

/** **Looks whether files are there, and can be read**, before anything begins. @throws the system's error, which names the file */
export async function checkFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    try {
      await access(file, constants.R_OK);
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const message = isMissing ? `there is no file ${file}` : `${file} can't be read: ${messageOf(error)}`;
      throw Object.assign(error as Error, { message });
    }
  }
}
