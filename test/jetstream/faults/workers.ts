import { setTimeout as delay } from 'node:timers/promises';
import { integerBetween, pick, type Random } from '../../../src/simulator/random.ts';
import { machineTime } from './machine-time.ts';
import { Program, type RunningProgram } from './program.ts';
import type { Freeze } from './work-done.ts';
import type { WorkerTold } from './worker-told.ts';

type Worker = RunningProgram<WorkerTold>;

/** For how long a worker may take to end by itself, in milliseconds. */
const LONGEST_END = 15_000;

/** How workers are run. */
export interface WorkersSettings {
  readonly server: string;
  readonly stream: string;
  /** Which each of them appends to. */
  readonly file: string;
  /** The longest that work takes, in milliseconds. */
  readonly longest: number;
  readonly ackWait: number;
  readonly maxAckPending: number;
  readonly concurrency: number;
}

/** **The members of a group**, of which one at a time is killed, frozen or ended, and started again. */
export class Workers {
  readonly #program: Program<WorkerTold>;
  readonly #env: Readonly<Record<string, string>>;
  readonly all: Worker[];
  readonly freezes: Freeze[] = [];
  kills = 0;
  /** Ended by themselves when asked to. */
  ends = 0;

  private constructor(program: Program<WorkerTold>, env: Readonly<Record<string, string>>, count: number) {
    this.#program = program;
    this.#env = env;
    this.all = Array.from({ length: count }, () => program.run(env));
  }

  static async start(count: number, settings: WorkersSettings): Promise<Workers> {
    const program = await Program.of<WorkerTold>('worker-main.ts');
    const { server, stream, file, longest, ackWait, maxAckPending, concurrency } = settings;
    const env = {
      SERVER: server,
      STREAM: stream,
      FILE: file,
      LONGEST: String(longest),
      ACK_WAIT: String(ackWait),
      MAX_ACK_PENDING: String(maxAckPending),
      CONCURRENCY: String(concurrency),
    };
    const workers = new Workers(program, env, count);
    await Promise.all(workers.all.map(({ told }) => told.find(({ type }) => type === 'connected')));
    return workers;
  }

  async killOne(random: Random): Promise<void> {
    const place = this.#place(random);
    await this.all[place]!.kill();
    this.kills += 1;
    await delay(integerBetween(random, 0, 300));
    this.all[place] = this.#program.run(this.#env);
  }

  /** Asks one to end. @throws Error where it does not, or not well */
  async endOne(random: Random): Promise<void> {
    const place = this.#place(random);
    await ended(this.all[place]!);
    this.ends += 1;
    this.all[place] = this.#program.run(this.#env);
  }

  /** Lets one stand still. */
  async freezeOne(random: Random, duration: number): Promise<void> {
    const worker = pick(random, this.all);
    const from = machineTime();
    worker.signal('SIGSTOP');
    await delay(duration);
    worker.signal('SIGCONT');
    this.freezes.push({ pid: worker.pid, from, to: machineTime() });
  }

  /** Asks all to end. @throws Error as {@link endOne} */
  async endAll(): Promise<void> {
    await Promise.all(this.all.map(ended));
  }

  end(): void {
    this.#program.end();
  }

  #place(random: Random): number {
    return integerBetween(random, 0, this.all.length - 1);
  }
}

async function ended(worker: Worker): Promise<void> {
  worker.signal('SIGTERM');
  const code = await Promise.race([worker.ended, delay(LONGEST_END, 'still there', { ref: false })]);
  const isDone = worker.told.items.some(({ type }) => type === 'done');
  if (code === 0 || (code === null && !isDone)) return;
  throw new Error(
    `a worker that was asked to end: ${code}; it told ${worker.told.items.map(({ type }) => type).join()}`,
  );
}
