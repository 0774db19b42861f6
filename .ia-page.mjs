import { inspect } from 'rxframe/node';
import { frames } from 'rxframe/testing';
import { RejectedFrame, reject } from 'rxframe/operators';
import { Subject } from 'rxjs';
import { chromium } from 'playwright-core';
import { execSync } from 'node:child_process';
const browser = await chromium.launch({ executablePath: execSync('command -v chromium').toString().trim(), args: ['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync'] });
const outcomes$ = new Subject();
const ins = await inspect({ outcomes$ });
const inv = (payload, ...issues) => new RejectedFrame(frames.raw(payload, { isBinary: false }), 'validate', 'schema', issues);
let n = 0;
const MB = 1 << 20;
const cases = {
  'huge array index': () => inv(JSON.stringify(Array.from({ length: 1_000_000 }, (_, i) => i % 10)), { message: 'no', path: '/999990' }),
  'wide two levels': () => inv(JSON.stringify(Array.from({ length: 100 }, () => Array.from({ length: 25_000 }, () => 1)))),
  'deep nesting': () => inv('['.repeat(2_500_000) + ']'.repeat(2_500_000)),
  'deep issue': () => inv('['.repeat(20_000) + ']'.repeat(20_000), { message: 'no', path: '/0'.repeat(15_000) }),
  'huge key': () => inv(`{"${'k'.repeat(4 * MB)}": [${Array.from({ length: 100 }, () => 1)}]}`),
  'huge key issue': () => inv(`{"${'k'.repeat(4 * MB)}": [${Array.from({ length: 100 }, () => 1)}]}`, { message: 'no', path: `/${'k'.repeat(4 * MB)}/3` }),
  'malformed at end': () => reject(frames.raw(`{"a":"${'x '.repeat(2.4 * MB)}",}`), 'decode', 'malformed-json', `not valid JSON at character ${4.8 * MB + 8 | 0}`),
  'malformed at end, one word': () => reject(frames.raw(`{"a":"${'x'.repeat(4.8 * MB)}",}`), 'decode', 'malformed-json', `not valid JSON at character ${4.8 * MB + 8 | 0}`),
  'invalid utf8 at end': () => { const b = new Uint8Array(5 * MB).fill(65); b[5 * MB - 5] = 0xff; return reject(frames.raw(b, { isBinary: false }), 'decode', 'invalid-utf8', 'not'); },
  '5 MiB string': () => inv(JSON.stringify({ a: 'y'.repeat(5 * MB - 20) })),
};
const only = process.argv[2];
for (const [name, make] of Object.entries(cases)) {
  if (only && !name.includes(only)) continue;
  const ctx = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await ctx.newPage();
  page.on('pageerror', (e) => console.log('   pageerror', e.message.slice(0, 100)));
  page.on('crash', () => console.log('   CRASH'));
  await page.goto(ins.url);
  outcomes$.next(make()); n += 1;
  try {
    await page.locator(`[data-number="${n}"]`).click({ timeout: 15000 });
    const t = performance.now();
    await page.locator('#detail .views').waitFor({ timeout: 20000 });
    await page.evaluate(() => new Promise((r) => requestAnimationFrame(() => setTimeout(r))));
    console.log(name.padEnd(28), Math.round(performance.now() - t), 'ms', await page.evaluate(() => document.querySelectorAll('*').length), 'elements');
  } catch (e) { console.log(name.padEnd(28), 'FAILED', e.message.split('\n')[0]); }
  await Promise.race([ctx.close(), new Promise((r) => setTimeout(r, 3000))]);
}
process.exit(0);
