import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import { bundled } from '../bundled.ts';
import { Log } from '../connection/log.ts';
import type { Address } from './reach.ts';

/** A client of the simulator in a process of its own, and what it has told. */
export interface ClientProcess<Message> {
  readonly child: ChildProcess;
  readonly messages: Log<Message>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts a program of this folder, which finds the simulator by `ownAddress`, and may force the collector. */
export async function startClient<Message>(
  main: string,
  { loginUrl, streamUrl, clientId, clientSecret }: Address,
  env: Readonly<Record<string, string>> = {},
): Promise<ClientProcess<Message>> {
  const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const program = await bundled(new URL(main, import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-'], {
    cwd: path('../..'),
    env: {
      PATH: process.env['PATH'],
      SIMULATOR: JSON.stringify({ loginUrl, streamUrl, clientId, clientSecret }),
      ...env,
    },
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  child.stdin?.end(program);
  const messages = new Log<Message>();
  child.on('message', (message) => messages.next(message as Message));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, messages, ended };
}
