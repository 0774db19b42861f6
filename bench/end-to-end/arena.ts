import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.ts';
import type { ClientReport, ClientTask } from './client-main.ts';
import type { ClientName } from './clients/clients.ts';
import { feedUrl, type Feed } from './feed.ts';
import { judgedCorpus } from './judged-corpus.ts';
import { mustBeExpected } from './must-be-expected.ts';
import { expectedOutcomes, type Outcomes } from './outcomes.ts';
import type { SendTimes, ServerReady } from './server-main.ts';

/** No run takes longer, in milliseconds: what does is killed. */
const RUN_LIMIT = 120_000;
const SERVER_LIMIT = 3_600_000;

/** What a client did in one run, and when its frames were sent where the feed was timed. */
export interface Run extends ClientReport {
  readonly sentAt: Float64Array;
}

/** A server process, and the clients that are run against it, one after the other, each in a process of its own. */
export interface Arena {
  readonly serverUrl: string;
  /** What a correct client makes of a feed. */
  expected(feed: Feed): Outcomes;
  /**
   * Runs a client on a feed, and holds it to account: all frames, the outcomes that a correct client makes of them, a
   * line in the audit log for each.
   */
  run(client: ClientName, feed: Feed, options: RunOptions): Promise<Run>;
  close(): Promise<void>;
}

/** How a client is run. */
export interface RunOptions {
  readonly connections?: number;
  readonly warmUp: number;
}

/** **Starts the server process.** */
export async function openArena(): Promise<Arena> {
  const frames = await judgedCorpus();
  const folder = await mkdtemp(join(tmpdir(), 'rxframe-bench-'));
  const server = await startChild<ServerReady | SendTimes>('server-main.ts', {}, SERVER_LIMIT);
  const { url: serverUrl } = (await server.next()) as ServerReady;

  return {
    serverUrl,
    expected: (feed) => expectedOutcomes(frames, feed, 1),
    async run(client, feed, { connections = 1, warmUp }) {
      const auditFile = join(folder, 'audit.log');
      const task: ClientTask = {
        client,
        url: feedUrl(serverUrl, feed),
        connections,
        auditFile,
        warmUp,
        ...(feed.timed === true && { timed: feed.frames }),
      };
      const child = await startChild<ClientReport>('client-main.ts', task, RUN_LIMIT);
      try {
        const report = await child.next();
        mustBeExpected(client, report.outcomes, expectedOutcomes(frames, feed, connections));
        const lines = await countLines(auditFile);
        if (lines !== feed.frames * connections) throw new Error(`${client}: ${lines} lines in the audit log.`);
        const sentAt = feed.timed === true ? ((await server.next()) as SendTimes).sentAt : new Float64Array();
        return { ...report, sentAt };
      } finally {
        await child.stop();
        await rm(auditFile, { force: true });
      }
    },
    async close() {
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function countLines(file: string): Promise<number> {
  let count = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count += 1;
  }
  return count;
}
