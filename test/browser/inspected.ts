import type { Browser, Page } from 'playwright-core';
import type { ConnectionState } from 'rxframe';
import { inspect, type Inspector } from 'rxframe/node';
import type { AnyFrame } from 'rxframe/operators';
import { ReplaySubject, Subject } from 'rxjs';
import { expect, test } from 'vitest';
import { startChromium } from './chromium.ts';

/** A stream that a test drives, and the page that shows it. */
export interface Inspected {
  readonly outcomes$: Subject<AnyFrame>;
  readonly state$: ReplaySubject<ConnectionState>;
  readonly inspector: Inspector;
  readonly page: Page;
  /** What the browser may complain about; nothing else passes. */
  readonly allowed: RegExp[];
  /** Sends these outcomes, and waits until the page has counted them. */
  show(this: void, ...outcomes: readonly AnyFrame[]): Promise<void>;
}

/** A test with the inspector's page in real Chromium. It fails where the page reports an error. */
export const it = test
  // eslint-disable-next-line no-empty-pattern -- vitest wants a pattern there
  .extend('browser', { scope: 'file' }, async ({}, { onCleanup }): Promise<Browser> => {
    const browser = await startChromium();
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('inspected', async ({ browser }, { onCleanup }): Promise<Inspected> => {
    const outcomes$ = new Subject<AnyFrame>();
    const state$ = new ReplaySubject<ConnectionState>(10);
    const inspector = await inspect({ outcomes$, state$ });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const complaints: string[] = [];
    const allowed: RegExp[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(inspector.url);
    let shown = 0;
    onCleanup(async () => {
      await context.close();
      await inspector.close();
      expect(complaints.filter((complaint) => !allowed.some((pattern) => pattern.test(complaint)))).toEqual([]);
    });
    return {
      outcomes$,
      state$,
      inspector,
      page,
      allowed,
      async show(...outcomes) {
        for (const outcome of outcomes) outcomes$.next(outcome);
        shown += outcomes.length;
        await textOf(page, '[data-count="frames"]', shown.toLocaleString('en'));
      },
    };
  });

/** Waits until an element has this text, or this one in it. */
export async function textOf(page: Page, selector: string, text: string | RegExp): Promise<void> {
  await page
    .locator(selector, { hasText: typeof text === 'string' ? new RegExp(`^${text}$`) : text })
    .waitFor({ state: 'attached' });
}

/** The texts of all elements, from top to bottom. */
export function textsOf(page: Page, selector: string): Promise<string[]> {
  return page.locator(selector).allTextContents();
}
