import type { Feed } from './feed.ts';
import type { JudgedFrame } from './judged-corpus.ts';
import { poolOf } from './pool-of.ts';

/** How many frames were accepted, and how many rejected for each reason. */
export type Outcomes = Readonly<Record<string, number>>;

/** What a correct client makes of a feed that it has on each of its connections. */
export function expectedOutcomes(corpus: readonly JudgedFrame[], feed: Feed, connections: number): Outcomes {
  const pool = poolOf(feed, corpus);
  const counts: Record<string, number> = {};
  for (let index = 0; index < feed.frames; index += 1) {
    const { outcome } = pool[index % pool.length] as JudgedFrame;
    counts[outcome] = (counts[outcome] ?? 0) + connections;
  }
  return counts;
}
