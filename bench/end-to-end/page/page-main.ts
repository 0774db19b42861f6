import type { Outcomes } from '../outcomes.ts';
import { bare } from './bare.ts';
import { rxframe } from './rxframe.ts';

const clients = { rxframe, bare };

/** What a page tells of a run. */
export interface PageReport {
  readonly outcomes: Outcomes;
  /** Frames a second after the warm-up. */
  readonly framesPerSecond: number;
}

/** Runs a client on a feed; what comes before so many accepted frames is not measured. */
export type RunInPage = (
  client: keyof typeof clients,
  url: string,
  maxBytes: number,
  warmUp: number,
) => Promise<PageReport>;

const runInPage: RunInPage = async (client, url, maxBytes, warmUp) => {
  let started = performance.now();
  let accepted = 0;
  const outcomes = await clients[client]({
    url,
    maxBytes,
    consume: () => {
      accepted += 1;
      if (accepted === warmUp) started = performance.now();
    },
  });
  const seconds = (performance.now() - started) / 1_000;
  const all = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return { outcomes, framesPerSecond: (all * (1 - warmUp / accepted)) / seconds };
};

Object.assign(globalThis, { runInPage });
