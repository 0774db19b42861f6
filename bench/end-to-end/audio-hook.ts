import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from '../benchmark.ts';
import type { Row } from '../row.ts';
import type { AudioHookClientReport, AudioHookClientTask } from './audio-hook-client-main.ts';
import type { AudioHookServerReport, AudioHookServerTask } from './audio-hook-server-main.ts';
import { startChild } from './child.ts';

/** How much is measured. */
interface AudioHookLoad {
  readonly sessions: number;
  /** How much audio each has, in seconds. */
  readonly seconds: number;
  /** How much a message has, in milliseconds. */
  readonly frameDuration: number;
}

/** Two messages' lengths: that of the platform's own test client, and a fifth of it. */
const FULL: readonly AudioHookLoad[] = [
  { sessions: 200, seconds: 60, frameDuration: 200 },
  { sessions: 200, seconds: 60, frameDuration: 40 },
];
const QUICK: readonly AudioHookLoad[] = [{ sessions: 20, seconds: 5, frameDuration: 200 }];

/** Over so long the sessions start, in milliseconds. */
const START_OVER = 2_000;

/**
 * **Many conversations at the pace of speech, each recorded to a file of its own**: what that costs, how late the messages left,
 * and whether the files have what was sent, byte for byte. The caller is a process of its own.
 */
export const audioHook: Benchmark = async ({ quick }) => {
  const rows: Row[] = [];
  for (const load of quick ? QUICK : FULL) rows.push(...(await measure(load)));
  return rows;
};

async function measure({ sessions, seconds, frameDuration }: AudioHookLoad): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rxframe-bench-'));
  const limit = (seconds + 60) * 1_000;
  const credentials = { apiKey: 'bench', clientSecret: randomBytes(32).toString('base64') };
  const serverTask: AudioHookServerTask = { ...credentials, folder };
  const server = await startChild<AudioHookServerReport>('audio-hook-server-main.ts', serverTask, limit);
  try {
    const listening = await server.next();
    if (!('url' in listening)) throw new Error('The server did not tell where it listens.');
    const clientTask: AudioHookClientTask = {
      ...credentials,
      url: listening.url,
      sessions,
      startOver: START_OVER,
      duration: seconds * 1_000,
      frameDuration,
    };
    const client = await startChild<AudioHookClientReport>('audio-hook-client-main.ts', clientTask, limit);
    const { results, totals, cpu } = await client.next();
    await client.stop();
    server.tell('stop');
    const recorded = await server.next();
    if (!('digests' in recorded)) throw new Error('The server did not tell what it has recorded.');

    const wrong = results.filter(({ sessionId, sha256 }) => recorded.digests.get(sessionId) !== sha256);
    const unfinished = results.filter(({ outcome }) => outcome !== 'closed');
    if (wrong.length > 0 || unfinished.length > 0 || recorded.rejected > 0) {
      throw new Error(
        `${wrong.length} files differ from what was sent, ${unfinished.length} sessions were not closed in order, ${recorded.rejected} messages were rejected.`,
      );
    }
    const load = `${sessions} sessions of ${seconds} s, ${frameDuration} ms a message`;
    const line = (what: string, ours: number, unit: string): Row => ({ name: `${load}: ${what}`, ours, unit });
    return [
      line('recorded as sent, byte for byte', results.length, 'sessions'),
      line('audio', totals.audio.bytes / 2 ** 20, 'MiB'),
      line('messages', totals.audio.messages / seconds, 'frames/s'),
      line("the server's processor time", (recorded.cpu / seconds) * 100, '% of a core'),
      line("the caller's processor time", (cpu / seconds) * 100, '% of a core'),
      line("the server's peak memory", recorded.peakRss / 2 ** 20, 'MiB'),
      line('messages left late, median', totals.pacingError?.p50 ?? 0, 'ms'),
      line('messages left late, 99th percentile', totals.pacingError?.p99 ?? 0, 'ms'),
      line('messages left late, at most', totals.pacingError?.max ?? 0, 'ms'),
      line('ping to pong, 99th percentile', totals.rtt?.p99 ?? 0, 'ms'),
    ];
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}
