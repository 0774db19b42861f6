import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { it } from './browser-test.ts';

describe('reconnect in a browser', () => {
  it('connects again after 1006, with sequences that start anew', async ({ page, feed }) => {
    const recorded = page.evaluate(
      (url) =>
        record(rxframe.connect({ url }).pipe(rxframe.reconnect({ initialDelay: 0 })), ({ sequence, connectionId }) => ({
          sequence,
          connectionId,
        })),
      feed.url,
    );
    const first = await feed.next();
    first.socket.send('a');
    first.socket.send('b', () => first.socket.terminate());
    const second = await feed.next();
    second.socket.send('c');
    second.socket.close(1000);

    const { values, end } = await recorded;
    expect(end).toEqual({ kind: 'complete' });
    expect(values.map(({ sequence }) => sequence)).toEqual([0, 1, 0]);
    expect(new Set(values.map(({ connectionId }) => connectionId)).size).toBe(2);
  });

  it('does not wait for the end of a backoff when the network comes back', async ({ page, feed }) => {
    const recorded = withLongBackoff(page, feed.url);
    const { socket } = await feed.next();
    await page.context().setOffline(true);
    socket.terminate();
    await page.waitForFunction(() => 'waiting' in globalThis);
    await page.context().setOffline(false);

    const again = await feed.next();
    again.socket.close(1000);
    expect((await recorded).end).toEqual({ kind: 'complete' });
  });

  it('does not wait for the end of a backoff when the page becomes visible', async ({ page, feed }) => {
    const recorded = withLongBackoff(page, feed.url);
    const { socket } = await feed.next();
    await become(page, 'hidden');
    socket.terminate();
    await page.waitForFunction(() => 'waiting' in globalThis);
    // Hidden once more: only visible wakes.
    await become(page, 'hidden');
    expect(feed.connections).toBe(1);
    await become(page, 'visible');

    const again = await feed.next();
    again.socket.close(1000);
    expect((await recorded).end).toEqual({ kind: 'complete' });
  });
});

/** A stream whose first failure is followed by a wait of ten minutes; the page's global `waiting` says that it has begun. */
function withLongBackoff(page: Page, url: string) {
  return page.evaluate(
    (url) =>
      record(
        rxframe.connect({ url }).pipe(
          rxframe.reconnect({
            initialDelay: 600_000,
            maxDelay: 600_000,
            random: () => 0.999,
            state: {
              next: ({ status }) => {
                if (status === 'waiting') Object.assign(globalThis, { waiting: true });
              },
            },
          }),
        ),
        () => null,
      ),
    url,
  );
}

/** Chromium without a screen never hides a page, so the page is told what a window manager would tell it. */
function become(page: Page, visibilityState: DocumentVisibilityState) {
  return page.evaluate((visibilityState) => {
    Object.defineProperty(document, 'visibilityState', { value: visibilityState, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, visibilityState);
}
