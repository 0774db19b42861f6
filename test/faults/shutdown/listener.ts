import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { ScriptEntry, SentFrame, Simulator, SimulatorOptions } from '../../../src/simulator/index.ts';
import { FRAME_FAULTS } from '../../../src/simulator/simulated-frame.ts';
import { folder, MAIN, run, type Command } from '../../cli/run.ts';
import { environmentOf, simulated } from '../../cli/server.ts';

/** Longer than a start and an end may take together on a machine that is busy with other things, in milliseconds. */
const BOUND = 60_000;

/** A simulator, and its own record of what it sent. */
export interface Source {
  readonly simulator: Simulator;
  readonly sent: SentFrame[];
  /** Calls `act` as soon as so many frames are sent: at once, before the next one is. */
  after(frames: number, act: () => void): void;
}

/** Each fault a frame can have, early on each connection. */
const FAULTS: readonly ScriptEntry[] = FRAME_FAULTS.map((fault, place) => ({ at: 5 + 3 * place, fault }));

/** Starts a simulator that sends as fast as it can, and is closed after the tests. */
export async function source({ script = [], ...options }: SimulatorOptions = {}): Promise<Source> {
  const sent: SentFrame[] = [];
  const acts = new Map<number, () => void>();
  const simulator = await simulated({
    rate: Infinity,
    script: [...FAULTS, ...script],
    oversizeBytes: 5 * 1024 * 1024 + 1,
    onSent: (frame) => {
      sent.push(frame);
      acts.get(sent.length)?.();
    },
    ...options,
  });
  return { simulator, sent, after: (frames, act) => acts.set(frames, act) };
}

/** A process of `listen`. */
export interface Listener extends Command {
  readonly cwd: string;
  /** How long it took to end from its first signal on, in milliseconds; undefined where it had none. */
  readonly stopTime: number | undefined;
  kill(signal?: NodeJS.Signals): void;
  /**
   * Waits for the end, which has to come within a bounded time, and leave nothing: no process, and in the working folder
   * (that for temporary files too) just these files. Gives the exit code, or the signal that killed it.
   */
  end(...files: string[]): Promise<number | NodeJS.Signals | null>;
}

/**
 * Runs a line of the shell, in which `rxframe` stands for the command: `exec rxframe --json >/dev/full`. With `exec` the
 * process of the shell becomes the command's, so that signals reach it.
 */
export function listener(line: string, env: Record<string, string>, cwd: string = folder()): Listener {
  const mark = randomUUID();
  const command = run('sh', ['-c', line.replace('rxframe', '"$0" "$1" listen'), process.execPath, MAIN], {
    cwd,
    env: { ...env, TMPDIR: cwd, RXFRAME_MARK: mark },
  });
  let signalledAt: number | undefined;
  let stopTime: number | undefined;
  return {
    cwd,
    child: command.child,
    ended: command.ended,
    until: (stream, pattern) => command.until(stream, pattern),
    get stdout() {
      return command.stdout;
    },
    get stderr() {
      return command.stderr;
    },
    get stopTime() {
      return stopTime;
    },
    kill(signal = 'SIGTERM') {
      signalledAt ??= performance.now();
      command.child.kill(signal);
    },
    async end(...files) {
      await within(BOUND, command);
      if (signalledAt !== undefined) stopTime = performance.now() - signalledAt;
      expect(marked(mark), 'processes left').toEqual([]);
      expect(readdirSync(cwd).sort(), 'files left').toEqual(files.sort());
      return command.child.exitCode ?? command.child.signalCode;
    },
  };
}

/** The same on a simulator, with what every run has: `--json --audit-file audit.ndjson`. */
export function audited({ simulator }: Source, line = 'exec rxframe', cwd?: string): Listener {
  return listener(line.replace('rxframe', 'rxframe --json --audit-file audit.ndjson'), environmentOf(simulator), cwd);
}

/** The audit log that it writes. */
export function auditLog({ cwd }: Listener): string {
  return readFileSync(join(cwd, 'audit.ndjson'), 'utf8');
}

/** Waits until the audit log has so many bytes: its records are made together with the lines for stdout. */
export async function untilAudited({ cwd }: Listener, bytes: number): Promise<void> {
  const size = () => statSync(join(cwd, 'audit.ndjson'), { throwIfNoEntry: false })?.size ?? 0;
  await vi.waitUntil(() => size() > bytes, { timeout: BOUND, interval: 10 });
}

async function within(bound: number, command: Command): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still there after ${bound} ms: ${command.stderr}`)), bound);
  });
  await Promise.race([command.ended, late]).finally(() => clearTimeout(timer));
}

/** The processes with that mark in their environment. */
function marked(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      // It has just ended, or is another user's.
      return false;
    }
  });
}
