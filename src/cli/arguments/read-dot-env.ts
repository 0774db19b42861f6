import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { UsageError } from './usage-error.ts';

/**
 * **The variables in the file `.env`** of the working directory; none where there is no such file.
 *
 * @throws UsageError where it can't be read
 */
export function readDotEnv(): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync('.env', 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new UsageError(`the file .env can't be read (${code ?? 'unknown error'})`, { cause: error });
  }
}
