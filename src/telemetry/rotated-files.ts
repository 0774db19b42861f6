import { readdirSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';

/** The path of a file of the log at `path` that was finished at that time: `audit.20260131T120000.000Z.ndjson`. */
export function rotatedPath(path: string, at: number): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}.${new Date(at).toISOString().replaceAll(/[-:]/g, '')}${ext}`);
}

/** The finished files of the log at `path`, the oldest first, and when they were finished. */
export function rotatedFiles(path: string): { readonly path: string; readonly at: number }[] {
  const { name, ext } = parse(path);
  return readdirSync(dirname(path))
    .filter((file) => file.startsWith(`${name}.`) && file.endsWith(ext))
    .map((file) => ({
      path: join(dirname(path), file),
      at: timeOf(file.slice(name.length + 1, file.length - ext.length)),
    }))
    .filter(({ at }) => !Number.isNaN(at))
    .sort((one, other) => one.at - other.at);
}

/** The time that such a stamp stands for; NaN where it is none. */
function timeOf(stamp: string): number {
  const [, date = '', time = ''] = /^(\d{8})T(\d{6}\.\d{3})Z$/.exec(stamp) ?? [];
  return Date.parse(`${date.replace(/(..)(..)$/, '-$1-$2')}T${time.replace(/^(..)(..)/, '$1:$2:')}Z`);
}
