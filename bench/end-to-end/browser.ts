import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { build, type BuildResult } from 'esbuild';
import type { Browser } from 'playwright-core';
import { startChromium } from '../../test/browser/chromium.ts';
import { MAX_BYTES } from '../corpus.ts';
import type { Arena } from './arena.ts';
import { compare } from './compare.ts';
import { inArena } from './in-arena.ts';
import { feedUrl } from './feed.ts';
import { mustBeExpected } from './must-be-expected.ts';
import type { PageReport, RunInPage } from './page/page-main.ts';
import type { Row } from '../row.ts';

// What a function given to `page.evaluate` finds in the page.
declare global {
  var runInPage: RunInPage;
}

/** How much is measured. */
interface BrowserOptions {
  readonly rounds: number;
  readonly frames: number;
  readonly warmUp: number;
}

/** **Frames a second in Chromium**: `connect` and the six stages against a bare `WebSocket` that does the same. */
export const browser = inArena(measure, {
  full: { rounds: 5, frames: 80_000, warmUp: 20_000 },
  quick: { rounds: 1, frames: 20_000, warmUp: 5_000 },
});

async function measure(arena: Arena, { rounds, frames, warmUp }: BrowserOptions): Promise<Row[]> {
  if (spawnSync('sh', ['-c', 'command -v chromium']).status !== 0) {
    console.log('Skipped: the browser benchmark needs a program named chromium on the PATH.');
    return [];
  }
  const feed = { frames, wellFormed: true };
  const url = feedUrl(arena.serverUrl, feed);
  const bundle = await bundledPage();
  const chromium = await startChromium();
  const run = async (client: 'rxframe' | 'bare'): Promise<number> => {
    const { outcomes, framesPerSecond } = await runInNewPage(chromium, bundle, client, url, MAX_BYTES, warmUp);
    mustBeExpected(`${client} in a browser`, outcomes, arena.expected(feed));
    return framesPerSecond;
  };
  try {
    const pairs: [number, number][] = [];
    for (let round = 0; round < rounds; round += 1) pairs.push([await run('rxframe'), await run('bare')]);
    return [compare('in Chromium, against a bare WebSocket', 'frames/s', pairs)];
  } finally {
    await chromium.close();
  }
}

/** In a page of its own, so that its compiled code and its garbage are its own. */
async function runInNewPage(chromium: Browser, bundle: string, ...task: Parameters<RunInPage>): Promise<PageReport> {
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.addScriptTag({ content: bundle });
  const report = await page.evaluate((task) => runInPage(...task), task);
  await context.close();
  return report;
}

async function bundledPage(): Promise<string> {
  const { outputFiles }: BuildResult<{ write: false }> = await build({
    // From the package's folder, where npm scripts run: the benchmarks themselves are bundled, wherever that may be.
    entryPoints: [resolve('bench/end-to-end/page/page-main.ts')],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    write: false,
  });
  return (outputFiles[0] as { readonly text: string }).text;
}
