import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { bundled } from '../../bundled.ts';
import { Log } from '../../connection/log.ts';

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** **A program of this folder that runs as processes of its own**, to be killed. */
export class Program<Told> {
  readonly #text: string;
  readonly #running = new Set<ChildProcess>();

  private constructor(text: string) {
    this.#text = text;
  }

  static async of<Told>(main: string): Promise<Program<Told>> {
    const program = await bundled(new URL(main, import.meta.url));
    return new Program(program);
  }

  /** @param env - beside the PATH, all of its environment */
  run(env: Readonly<Record<string, string>>): RunningProgram<Told> {
    const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-'], {
      cwd: path('../../..'),
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
    });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    child.stdin?.end(this.#text);
    return new RunningProgram(child);
  }

  /** Kills those that still run. */
  end(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}

/** A process, and what it has told. */
export class RunningProgram<Told> {
  readonly told = new Log<Told>();
  /** Resolves with the exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = once(child, 'exit').then(([code]) => code as number | null);
    child.on('message', (message) => this.told.next(message as Told));
    // It may be killed while it is spoken to.
    child.on('error', () => undefined);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  say(message: string): void {
    this.#child.send(message, () => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Kills it at once, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
