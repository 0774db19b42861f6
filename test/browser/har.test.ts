import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replay } from 'rxframe/node';
import { lastValueFrom, toArray } from 'rxjs';
import { expect, onTestFinished } from 'vitest';
import { it } from './browser-test.ts';

it('what Chromium records as a HAR file is replayed, with its times', async ({ browser, feed }) => {
  const folder = mkdtempSync(join(tmpdir(), 'rxframe-har-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'page.har');
  const context = await browser.newContext({ recordHar: { path } });
  const page = await context.newPage();
  await page.goto(feed.pageUrl);
  const before = Date.now();
  const received = page.evaluate(
    (url) =>
      new Promise<void>((resolve) => {
        const socket = new WebSocket(url);
        socket.addEventListener('open', () => socket.send('subscribe'));
        socket.addEventListener('message', ({ data }) => {
          if (data === 'last') resolve();
        });
      }),
    feed.url,
  );
  const { socket } = await feed.next();
  for (const message of ['{"type":"é"}', Uint8Array.of(0x80, 0, 255), 'last']) socket.send(message);
  await received;
  const after = Date.now();
  await context.close();

  const frames = await lastValueFrom(replay(path, { pace: Infinity }).pipe(toArray()));
  expect(frames.map(({ rawData, isBinary, sequence }) => [[...rawData], isBinary, sequence])).toStrictEqual([
    [[...Buffer.from('{"type":"é"}')], false, 0],
    [[0x80, 0, 255], true, 1],
    [[...Buffer.from('last')], false, 2],
  ]);
  for (const { timestamp } of frames) {
    // Chromium's clock is not quite that of Node.
    expect(timestamp).toBeGreaterThan(before - 1_000);
    expect(timestamp).toBeLessThan(after + 1_000);
  }
});
