import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How long a server may take to say that it listens, in milliseconds. */
const START_TIMEOUT = 20_000;

/** **A real NATS server with JetStream**, on a free port, with a store of its own. */
export class NatsServer {
  readonly url: string;
  readonly #folder: string;
  readonly #port: string;
  #process: ChildProcess;

  private constructor(folder: string, process: ChildProcess, port: string) {
    this.#folder = folder;
    this.#process = process;
    this.#port = port;
    this.url = `nats://127.0.0.1:${port}`;
  }

  /** @param configuration - lines for its configuration file: accounts, limits */
  static async start(configuration = ''): Promise<NatsServer> {
    const folder = await mkdtemp(join(tmpdir(), 'rxframe-nats-'));
    await writeFile(join(folder, 'nats.conf'), configuration);
    const process = run(folder, '-1');
    return new NatsServer(folder, process, await portOf(folder, process));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Kills it at once: nothing that it has not written is written. */
  async kill(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  /**
   * Starts it again after {@link kill}, on the same port, with the same store.
   *
   * @param configuration - other lines for its configuration file
   */
  async restart(configuration?: string): Promise<void> {
    if (configuration !== undefined) await writeFile(join(this.#folder, 'nats.conf'), configuration);
    await forgetPorts(this.#folder);
    this.#process = run(this.#folder, this.#port);
    await portOf(this.#folder, this.#process);
  }

  /** What it has written to its log. */
  log(): Promise<string> {
    return readFile(join(this.#folder, 'log'), 'utf8');
  }

  /** Stands still: its sockets stay open, and nothing is answered. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  /** Ends it, and removes its store. */
  async stop(): Promise<void> {
    this.thaw();
    if (this.#process.exitCode === null && this.#process.signalCode === null) await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function run(folder: string, port: string): ChildProcess {
  const flags = ['-c', join(folder, 'nats.conf'), '-js', '-sd', join(folder, 'store'), '-a', '127.0.0.1', '-p', port];
  return spawn('nats-server', [...flags, '--ports_file_dir', folder, '-l', join(folder, 'log')], { stdio: 'ignore' });
}

/** Waits until it listens. It writes a file with its ports then. */
async function portOf(folder: string, process: ChildProcess): Promise<string> {
  let failure: Error | undefined;
  process.once('error', (error) => {
    failure = new Error(`nats-server can't be started (Debian: apt-get install nats-server): ${error.message}`);
  });
  for (const until = Date.now() + START_TIMEOUT; Date.now() < until;) {
    if (failure !== undefined) throw failure;
    const [file] = await portsFiles(folder);
    const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
    if (text.endsWith('}')) {
      const { nats } = JSON.parse(text) as { readonly nats: readonly string[] };
      return new URL(nats[0] ?? '').port;
    }
    if (process.exitCode !== null) break;
    await delay(10);
  }
  if (failure !== undefined) throw failure;
  const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '');
  throw new Error(`nats-server did not come up: ${log}`);
}

async function portsFiles(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.ports'));
}

async function forgetPorts(folder: string): Promise<void> {
  await Promise.all((await portsFiles(folder)).map((file) => rm(join(folder, file))));
}
