import type { Browser, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { bundlePageGlobals } from './bundle.ts';
import { startChromium } from './chromium.ts';
import { startFeed, type Feed } from './feed.ts';
import type { PageGlobals } from './page-globals.ts';

// What a function given to `page.evaluate` finds in the page.
declare global {
  var rxjs: PageGlobals['rxjs'];
  var rxframe: PageGlobals['rxframe'];
  var genesys: PageGlobals['genesys'];
  var operators: PageGlobals['operators'];
  var record: PageGlobals['record'];
}

/** A test with a page in real Chromium, and a server. A test fails where its page reports anything that nobody caught. */
export const it = test
  // eslint-disable-next-line no-empty-pattern -- vitest wants a pattern there
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }): Promise<Browser> => {
    const browser = await startChromium();
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('bundle', { scope: 'file' }, () => bundlePageGlobals())
  .extend('feed', async ({ bundle }, { onCleanup }): Promise<Feed> => {
    const feed = await startFeed(bundle);
    onCleanup(() => feed.close());
    return feed;
  })
  .extend('page', async ({ browser, feed }, { onCleanup }): Promise<Page> => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Chromium itself logs each failed connection; a page can't prevent that.
      if (message.type() === 'error' && !message.text().startsWith('WebSocket connection to ')) {
        complaints.push(message.text());
      }
    });
    await page.goto(feed.pageUrl);
    onCleanup(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });
    return page;
  });
