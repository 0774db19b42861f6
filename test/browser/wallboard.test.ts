import { request } from 'node:http';
import type { Page } from 'playwright-core';
import { clientCredentials, topics } from 'rxframe/genesys';
import { startSimulator, type Simulator } from 'rxframe/simulator';
import { describe, expect, test, vi } from 'vitest';
import { serve } from '../../examples/wallboard/serve.ts';
import { run } from '../cli/run.ts';
import { UserFolder } from '../docs/user-folder.ts';
import { startChromium } from './chromium.ts';

const QUEUE = { id: '0f3c7a31-9d20-4c5e-8f0e-3d7c5b1a2e90', name: 'Sales' };
const DANA = { id: '7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10', name: 'Dana' };
const MALLORY = { id: '7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d11', name: '<img src=x onerror="alert(1)">' };

/** A page with the wallboard, on a platform that says what the test has it say. */
const it = test
  // eslint-disable-next-line no-empty-pattern -- vitest wants a pattern there
  .extend('simulator', async ({}, { onCleanup }): Promise<Simulator> => {
    const simulator = await startSimulator({ notifications: {} });
    onCleanup(() => simulator.close());
    return simulator;
  })
  .extend('page', async ({ simulator }, { onCleanup }): Promise<Page> => {
    const { apiUrl, loginUrl, clientId, clientSecret } = simulator;
    const credentials = clientCredentials({ loginUrl, clientId, clientSecret, scopes: [] });
    const session = { apiUrl, queues: [QUEUE], agents: [DANA, MALLORY] };
    const server = await serve(0, session, () => credentials.token());
    const browser = await startChromium();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Chromium itself logs each failed connection; a page can't prevent that.
      if (message.type() === 'error' && !message.text().startsWith('WebSocket connection to ')) {
        complaints.push(message.text());
      }
    });
    onCleanup(async () => {
      await browser.close();
      server.close();
      expect(complaints).toEqual([]);
    });
    await page.goto(server.url);
    return page;
  });

/** Waits until the place of the page has that text. */
const shows = (page: Page, place: string, text: string) =>
  vi.waitFor(async () => expect(await page.locator(place).innerText()).toBe(text), { timeout: 15_000, interval: 20 });

function tell({ notifications }: Simulator, waiting: number, status: string): void {
  notifications.publish(topics.queue(QUEUE.id).observations(), {
    group: { queueId: QUEUE.id, mediaType: 'voice' },
    data: [
      {
        metrics: [
          { metric: 'oWaiting', stats: { count: waiting } },
          { metric: 'oOnQueueUsers', qualifier: 'IDLE', stats: { count: 5 } },
        ],
      },
    ],
  });
  notifications.publish(topics.user(DANA.id).routingStatus(), {
    id: DANA.id,
    routingStatus: { status, startTime: new Date(Date.now() - 61_000).toISOString() },
  });
}

describe('the wallboard of the examples', () => {
  it('shows what the platform tells, and what it does not know as unknown', async ({ page, simulator }) => {
    await shows(page, '[role=status]', 'Live');
    await shows(page, '.queues dd >> nth=0', '–');
    await shows(page, '.agents p >> nth=0', 'unknown');
    tell(simulator, 3, 'INTERACTING');
    await shows(page, '.queues dd >> nth=0', '3');
    await shows(page, '.queues dd >> nth=1', '–');
    await shows(page, '.queues dd >> nth=2', '5');
    await shows(page, '.agents p >> nth=0', 'talking');
    expect(await page.locator('.agents time').innerText()).toMatch(/^1:0\d$/);
    await shows(page, '.agents h2 >> nth=1', MALLORY.name);
    tell(simulator, 7, 'SOMETHING_NEW');
    await shows(page, '[data-late=true] dd >> nth=0', '7');
    await shows(page, '[data-status] p', 'SOMETHING_NEW');
  });

  it('says that it is cut off, and goes on once it is connected again', async ({ page, simulator }) => {
    await shows(page, '[role=status]', 'Live');
    tell(simulator, 3, 'IDLE');
    await shows(page, '.queues dd >> nth=0', '3');
    await page.context().setOffline(true);
    simulator.notifications.cut();
    await shows(page, '[role=status]', 'Connecting…');
    await shows(page, '.queues dd >> nth=0', '3');
    await page.context().setOffline(false);
    await shows(page, '[role=status]', 'Live');
    tell(simulator, 4, 'IDLE');
    await shows(page, '.queues dd >> nth=0', '4');
  });

  it('asks for its session once, and has one connection, even where React mounts it twice', async ({
    page,
    simulator,
  }) => {
    await shows(page, '[role=status]', 'Live');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await shows(page, '[role=status]', 'Live');
    expect(asked.filter((path) => path === '/session')).toHaveLength(1);
    // The first page had one, and this one.
    expect(simulator.upgradeRequests).toHaveLength(2);
  });
});

describe('its server for development', () => {
  it('shows a contact centre at work', async ({ onTestFinished }) => {
    const folder = new UserFolder();
    folder.install('esbuild', 'react', 'react-dom', 'scheduler');
    const server = run(process.execPath, ['wallboard/dev.js'], { cwd: folder.path, env: { PORT: '0' } });
    const browser = await startChromium();
    onTestFinished(async () => {
      await browser.close();
      server.child.kill();
      await server.ended;
      folder.remove();
    });
    const [url] = await server.until('stdout', /http:\S+/);
    const page = await browser.newPage();
    await page.goto(url);
    await shows(page, '[role=status]', 'Live');
    expect(await page.locator('.queues h2').allInnerTexts()).toEqual([
      'Sales',
      'Billing',
      'Technical support',
      'Retention',
    ]);
    expect(await page.locator('.agents h2').count()).toBe(24);
    await page.locator('[data-status=INTERACTING]').first().waitFor();
    expect(server.stderr).toBe('');
  });

  it('gives no token to a page of another name', async ({ page }) => {
    const { hostname, port } = new URL(page.url());
    const status = await new Promise((resolve, reject) => {
      request({ hostname, port, path: '/token', method: 'POST', headers: { host: `evil.example:${port}` } })
        .on('response', ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  });
});
