import { inspect } from 'rxframe/node';
import { frames } from 'rxframe/testing';
import { RejectedFrame, reject } from 'rxframe/operators';
import { ClosedError } from 'rxframe';
import { Subject, ReplaySubject } from 'rxjs';
import { chromium } from 'playwright-core';
import { execSync } from 'node:child_process';
const browser = await chromium.launch({ executablePath: execSync('command -v chromium').toString().trim(), args: ['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync'] });
const outcomes$ = new Subject(), state$ = new ReplaySubject(9);
const ins = await inspect({ outcomes$, state$ });
const cause = new ClosedError(1012, 'service restart');
state$.next({ status: 'closed', connectionId: 'one', cause }); state$.next({ status: 'waiting', delay: 1500, attempt: 1, failure: 'transient', cause }); state$.next({ status: 'open', connectionId: 'two' });
const long = 'Z'.repeat(300);
const shots = [];
const timer = setInterval(() => { for (let i = 0; i < 40; i++) outcomes$.next(i % 9 ? frames.keepalive({ receivedAt: performance.now() - Math.random() * 3 }) : i % 2 ? frames.interactionUpdate({}) : reject(frames.raw('{"a":1,}'), 'decode', 'malformed-json', 'not valid JSON at character 7')); }, 50);
for (const [scheme, width] of [['light', 1280], ['dark', 1280], ['light', 400], ['dark', 400]]) {
  const ctx = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme });
  const page = await ctx.newPage();
  await page.goto(ins.url);
  await new Promise((r) => setTimeout(r, 2500));
  shots.push([page, scheme, width]);
}
clearInterval(timer);
outcomes$.next(reject(frames.raw(JSON.stringify(Array.from({length: 3000}, (_, i) => ({i, [long]: long})))), long, long, 'no'));
outcomes$.next(new RejectedFrame(frames.raw(`["${'x'.repeat(100000)}",]${' '.repeat(50000)}`), 'decode', 'malformed-json', [{ message: 'not valid JSON at character 100004' }]));
outcomes$.next(new RejectedFrame(frames.raw(JSON.stringify(Array.from({length: 3000}, (_, i) => ({i, [long]: long})))), 'validate', 'schema', [{ message: 'must be number', path: '/2500/i' }, { message: 'x', path: '/' + long }]));
await new Promise((r) => setTimeout(r, 1500));
for (const [page, scheme, width] of shots) {
  await page.locator('#rows tr').first().click(); await page.locator('#detail .views').waitFor();
  await page.screenshot({ path: `/tmp/ia/${scheme}-${width}.png`, fullPage: false });
  if (scheme === 'light') { await page.locator('#rows tr').nth(1).click(); await page.locator('#detail .text').waitFor(); await page.screenshot({ path: `/tmp/ia/text-${width}.png`, fullPage: false }); }
}
process.exit(0);
