import { readdirSync, readlinkSync } from 'node:fs';

/** The files below that folder that are open in this process; none where the system does not tell. */
export function openFiles(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .map((fd) => targetOf(`/proc/self/fd/${fd}`))
    .filter((target) => target.startsWith(`${folder}/`));
}

/** Where a link points; nowhere, where it is gone: the descriptor that the list itself was read through. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}
