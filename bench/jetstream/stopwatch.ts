import { cpuOf } from './server-process.ts';

/** What a run cost. */
export interface Run {
  readonly framesPerSecond: number;
  /** Processor time of this process for each frame, in microseconds. */
  readonly clientCpu: number;
  /** Processor time of the servers for each frame, in microseconds. Their clock has 10 ms. */
  readonly serverCpu: number;
}

/** **Measures a run of that many frames**: what happens before `start` and after `stop` does not count. */
export class Stopwatch {
  readonly #frames: number;
  readonly #serverPids: readonly number[];
  #started = { at: 0, cpu: process.cpuUsage(), serverCpu: 0 };
  #run: Run | undefined;

  constructor(frames: number, serverPids: readonly number[]) {
    this.#frames = frames;
    this.#serverPids = serverPids;
  }

  start(): void {
    this.#started = { at: performance.now(), cpu: process.cpuUsage(), serverCpu: cpuOf(this.#serverPids) };
  }

  stop(): void {
    const { at, cpu, serverCpu } = this.#started;
    const seconds = (performance.now() - at) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    this.#run = {
      framesPerSecond: this.#frames / seconds,
      clientCpu: (user + system) / this.#frames,
      serverCpu: ((cpuOf(this.#serverPids) - serverCpu) * 1e6) / this.#frames,
    };
  }

  get run(): Run {
    if (this.#run === undefined) throw new Error('The run was not stopped.');
    return this.#run;
  }
}
