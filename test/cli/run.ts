import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** The command as it is shipped; `npm test` builds it before. */
export const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** A child process of the command line, and what it has said so far. */
export interface Command {
  readonly child: ChildProcessWithoutNullStreams;
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves with the exit code when it has ended and all it wrote was read. */
  readonly ended: Promise<number | null>;
  /** Resolves once stdout, or stderr, has a match; fails where it ends before. */
  until(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray>;
}

const cleanUps: (() => void)[] = [];

afterAll(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

/** An empty folder, gone after the tests. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rxframe-cli-'));
  cleanUps.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Where and how a command runs. */
export interface RunOptions {
  /** Variables besides PATH: nothing of the tester's own configuration gets in. */
  readonly env?: Record<string, string>;
  /** @defaultValue an empty folder */
  readonly cwd?: string;
}

/** Runs `rxframe` with these arguments. */
export function rxframe(args: readonly string[], options: RunOptions = {}): Command {
  return run(process.execPath, [MAIN, ...args], options);
}

/** Runs any program; killed after the tests where it is still there. */
export function run(file: string, args: readonly string[], { env = {}, cwd = folder() }: RunOptions = {}): Command {
  const child = spawn(file, args, { cwd, env: { PATH: process.env['PATH'], ...env } });
  cleanUps.push(() => child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  let waiting: (() => void)[] = [];
  const look = () => {
    for (const one of waiting) one();
  };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      look();
    });
  }
  let hasEnded = false;
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      hasEnded = true;
      look();
      resolve(code);
    });
  });
  return {
    child,
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    ended,
    until: (stream, pattern) =>
      new Promise((resolve, reject) => {
        const one = () => {
          const found = pattern.exec(said[stream]);
          if (found === null && !hasEnded) return;
          waiting = waiting.filter((other) => other !== one);
          if (found !== null) resolve(found);
          else reject(new Error(`ended without ${String(pattern)} on ${stream}: ${said.stdout}${said.stderr}`));
        };
        waiting.push(one);
        one();
      }),
  };
}

/** The lines of a text that ends in a newline, or is empty. */
export function lines(text: string): string[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error(`the last line is torn: ${text.slice(-80)}`);
  return text.split('\n').slice(0, -1);
}
