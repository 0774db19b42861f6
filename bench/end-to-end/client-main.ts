import { clients, type ClientName } from './clients/clients.ts';
import { monotonic } from './monotonic.ts';
import type { Outcomes } from './outcomes.ts';
import { settings } from './settings.ts';

/** What a client process is to do. */
export interface ClientTask {
  readonly client: ClientName;
  readonly url: string;
  /** How many connections it opens, all to the same address. */
  readonly connections: number;
  readonly auditFile: string;
  /** After so many accepted frames the measurement begins: the code is compiled by then. */
  readonly warmUp: number;
  /** How many frames a connection brings, where it is to tell when each of them was through. */
  readonly timed?: number;
}

/** What a client process tells when all is done. */
export interface ClientReport {
  readonly outcomes: Outcomes;
  /** Frames a second after the warm-up, until the audit log was with the operating system. */
  readonly framesPerSecond: number;
  /** Processor time after the warm-up, in seconds, for 100,000 frames. */
  readonly cpuPer100k: number;
  /** The most memory that the process had, in bytes. */
  readonly peakRss: number;
  /** When each accepted frame was through, on the machine's clock; 0 for the others. */
  readonly throughAt: Float64Array;
}

const { client, url, connections, auditFile, warmUp, timed } = settings() as ClientTask;
const throughAt = new Float64Array(timed ?? 0);
const now = () => ({ at: performance.now(), cpu: process.cpuUsage() });
let started = now();
let accepted = 0;

const count = () => {
  accepted += 1;
  if (accepted === warmUp) started = now();
};
const note = (sequence: number) => {
  throughAt[sequence] = monotonic();
};

const { run, finish } = clients[client](auditFile, timed === undefined ? count : note);
await Promise.all(Array.from({ length: connections }, () => run(url)));
const outcomes = await finish();

const seconds = (performance.now() - started.at) / 1_000;
const { user, system } = process.cpuUsage(started.cpu);
const all = Object.values(outcomes).reduce((sum, outcome) => sum + outcome, 0);
const frames = all * (1 - warmUp / (outcomes['accepted'] ?? 0));
const report: ClientReport = {
  outcomes,
  framesPerSecond: frames / seconds,
  cpuPer100k: ((user + system) / 1e6 / frames) * 100_000,
  peakRss: process.resourceUsage().maxRSS * 1_024,
  throughAt,
};
process.send?.(report, () => process.disconnect());
