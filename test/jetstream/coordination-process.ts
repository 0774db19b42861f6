import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundled } from '../bundled.ts';
import { Log } from '../connection/log.ts';

/** What a process takes part in. */
export type Part =
  | { readonly name: 'lease'; readonly key: string; readonly id: string }
  | { readonly name: 'members'; readonly group: string; readonly id: string };

/** What it tells: each emission, and the error. */
export interface Told {
  readonly value?: boolean | readonly string[];
  readonly error?: string;
  /** The monotonic clock of the machine, in milliseconds. */
  readonly at: number;
}

/** A process of its own with a lease or a membership. */
export interface CoordinationProcess {
  readonly child: ChildProcess;
  readonly told: Log<Told>;
}

/** Now, by the clock that all processes of the machine share, in milliseconds. */
export function machineTime(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Starts one, whose bucket has a ttl of a second. Whoever starts it kills it. */
export async function startProcess(url: string, part: Part): Promise<CoordinationProcess> {
  const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const program = await bundled(new URL('./coordination-process-main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '-'], {
    cwd: path('../..'),
    env: { PATH: process.env['PATH'], SERVER: url, PART: JSON.stringify(part) },
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
  });
  child.stdin?.end(program);
  const told = new Log<Told>();
  child.on('message', (message) => told.next(message as Told));
  return { child, told };
}
