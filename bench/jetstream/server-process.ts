import { readFileSync } from 'node:fs';

/** How often a second Linux counts the time of a process. */
const TICKS = 100;

/** Processor time of processes together, in seconds: proc(5), the 14th and 15th field of stat. */
export function cpuOf(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    // The second field may have spaces in it, and ends with a parenthesis.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, own) => sum + own, 0) / TICKS;
}

/** The memory of a process that is in RAM, in bytes. */
export function rssOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1_024;
}
