import { ClosedError } from 'rxframe';
import { reject, RejectedFrame, type AnyFrame, type Issue } from 'rxframe/operators';
import { frames } from 'rxframe/testing';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { it, textOf, textsOf } from './inspected.ts';

const malformed = () => reject(frames.raw('{"a": 1,}'), 'decode', 'malformed-json', 'not valid JSON at character 8');

const invalid = (payload: string, ...issues: readonly Issue[]) =>
  new RejectedFrame(frames.raw(payload), 'validate', 'schema', issues);

const MiB = 1024 * 1024;

/** Opens the newest frame. */
async function openNewest(page: Page): Promise<void> {
  await page.locator('#rows tr').first().click();
  await page.locator('#detail .views').waitFor();
}

/** What has the keyboard. */
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

describe('the page of the inspector', () => {
  it('shows exact counts, types, reasons, and the newest frames first', async ({ inspected: { page, show } }) => {
    await show(frames.keepalive(), frames.interactionUpdate(), frames.interactionUpdate(), malformed());
    expect((await textsOf(page, '#totals'))[0]?.replaceAll(/\s+/g, ' ').trim()).toMatch(
      /^4 in = 3 accepted \+ 1 rejected \d+ B$/,
    );
    expect(await textsOf(page, '#types .name')).toEqual(['interaction.update', 'keepalive']);
    expect(await textsOf(page, '#types .count')).toEqual(['2', '1']);
    expect(await textsOf(page, '#reasons .name')).toEqual(['malformed-json']);
    expect(await textsOf(page, '#rows .number')).toEqual(['4', '3', '2', '1']);
    expect(await textsOf(page, '#rows .outcome')).toEqual(['malformed-json', 'accepted', 'accepted', 'accepted']);
    await textOf(page, '#shown', 'all 4');
  });

  it('draws rates and latencies, and tells them in words', async ({
    inspected: { page, outcomes$, allowed },
    onTestFinished,
  }) => {
    const send = () => outcomes$.next(frames.keepalive({ receivedAt: performance.now() - 2 }));
    const sending = setInterval(() => Array.from({ length: 20 }, send), 20);
    onTestFinished(() => clearInterval(sending));
    await textOf(page, '#frames-rate-readout', /^in [\d,]+\/srejected 0\/s$/);
    await textOf(page, '#bytes-rate-readout', /^in [\d.]+ kB\/s$/);
    // Two milliseconds are in the bucket that ends at 2.048 ms, or in the next one.
    await textOf(page, '#latency-readout', /^p50 [1-4]\.\d+ msp99 [1-4]\.\d+ msmax (?:2\.05|4\.10|8\.19) ms$/);
    allowed.push(/willReadFrequently/);
    // Pixels in the colour of the lines, which the axes do not have.
    const lit = () =>
      page.evaluate(() =>
        [...document.querySelectorAll('canvas')].map((canvas) => {
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let at = 0; at < data.length; at += 4) {
            if (data[at + 3]! > 200 && data[at + 2]! - data[at]! > 100) count += 1;
          }
          return count;
        }),
      );
    await expect.poll(async () => Math.min(...(await lit())), { timeout: 10_000 }).toBeGreaterThan(5);
    expect(await lit()).toHaveLength(3);
  });

  it('shows the state of the connection and its history: causes, codes and waits', async ({
    inspected: { page, state$ },
  }) => {
    const cause = new ClosedError(1012, 'service restart');
    state$.next({ status: 'connecting', connectionId: 'one' });
    state$.next({ status: 'open', connectionId: 'one' });
    await textOf(page, '#state', /^open \d+ s$/);
    state$.next({ status: 'closed', connectionId: 'one', cause });
    state$.next({ status: 'waiting', delay: 1_500, attempt: 1, failure: 'transient', cause });
    await textOf(page, '#state', 'waiting after failure 1');
    expect(await textsOf(page, '#history b')).toEqual(['waiting', 'closed', 'open', 'connecting']);
    expect(await textsOf(page, '#history .facts')).toEqual(['1.5 s · transient (1)', 'one', 'one', 'one']);
    expect(await textsOf(page, '#history p')).toEqual([
      'The connection was closed with code 1012 (service restart).ERR_CLOSEDclose code 1012',
    ]);
  });

  it.for([
    ['completes', /^stream completed \d\d:\d\d:\d\d$/],
    ['fails', /^stream failed \d\d:\d\d:\d\d: no more$/],
  ] as const)('says that the stream %s', async ([how, text], { inspected: { page, outcomes$ } }) => {
    if (how === 'completes') outcomes$.complete();
    else outcomes$.error(new Error('no more'));
    await textOf(page, '#link', text);
  });

  it('shows what was before it was opened', async ({ inspected: { page, show, state$ } }) => {
    state$.next({ status: 'open', connectionId: 'one' });
    await show(frames.keepalive(), malformed());
    await page.reload();
    await textOf(page, '[data-count="frames"]', '2');
    expect(await textsOf(page, '#rows .number')).toEqual(['2', '1']);
    expect(await textsOf(page, '#history b')).toEqual(['open']);
  });

  it.for([
    ['rejected', ['4', '3']],
    ['type:keepalive', ['1']],
    ['TYPE:"interaction.update"', ['2']],
    ['reason:schema', ['4']],
    ['stage:decode', ['3']],
    ['-rejected -type:keepalive', ['2']],
    ['id:nothing-has-it', []],
    ['', ['4', '3', '2', '1']],
  ] as const)('filters by %s', async ([filter, numbers], { inspected: { page, show } }) => {
    await show(frames.keepalive(), frames.interactionUpdate(), malformed(), invalid('{}', { message: 'no' }));
    await page.fill('#filter', filter);
    expect(await textsOf(page, '#rows .number')).toEqual(numbers);
    expect(await page.locator('#no-rows').isVisible()).toBe(numbers.length === 0);
  });

  it('says so where a filter has a key that is none', async ({ inspected: { page, show } }) => {
    await show(frames.keepalive());
    await page.fill('#filter', 'rejected typ:foo');
    await textOf(
      page,
      '#filter-note',
      'There is no key typ: to filter by; there are type:, outcome:, reason:, stage:, id:.',
    );
    await page.fill('#filter', '"typ:foo" type:foo');
    await textOf(page, '#filter-note', '');
  });

  it('filters by a reason or a type that is clicked, what comes later too', async ({ inspected: { page, show } }) => {
    await show(frames.keepalive(), malformed());
    await page.click('#reasons button');
    expect(await page.inputValue('#filter')).toBe('reason:malformed-json');
    await show(malformed(), frames.keepalive());
    expect(await textsOf(page, '#rows .number')).toEqual(['3', '2']);
    await page.click('#types button');
    expect(await textsOf(page, '#rows .number')).toEqual(['4', '1']);
  });

  it('holds the table while it is paused, and says how many came since', async ({ inspected: { page, show } }) => {
    await show(frames.keepalive());
    await page.click('#pause');
    await show(...Array.from({ length: 1_234 }, () => frames.keepalive()));
    await textOf(page, '#missed', '1,234 since');
    expect(await textsOf(page, '#rows .number')).toEqual(['1']);
    await page.click('#pause');
    expect((await textsOf(page, '#rows .number'))[0]).toBe('1,235');
    await textOf(page, '#missed', '');
    await textOf(page, '#shown', 'sample: 33 of 1,235');
  });

  it('shows no frame twice, where the way to the process was lost while it was paused', async ({
    inspected: { page, show, inspector },
  }) => {
    await page.addInitScript(() => {
      window.EventSource = class extends EventSource {
        constructor(url: string | URL) {
          super(url);
          // What a live channel begins with comes again when it is reconnected.
          this.addEventListener('full', ({ data }: MessageEvent<string>) => {
            document.addEventListener('again', () => this.dispatchEvent(new MessageEvent('full', { data })), {
              once: true,
            });
          });
        }
      };
    });
    await page.goto(inspector.url);
    await show(frames.keepalive(), frames.keepalive());
    await page.reload();
    await textOf(page, '#shown', 'all 2');
    await page.click('#pause');
    await page.evaluate(() => document.dispatchEvent(new Event('again')));
    await page.click('#pause');
    expect(await textsOf(page, '#rows .number')).toEqual(['2', '1']);
  });
});

describe('a frame that is opened', () => {
  it('is a tree, with the wrong place marked and a step away', async ({ inspected: { page, show } }) => {
    const members = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`m${index}`, index]));
    const payload = JSON.stringify({ a: { 'b/c': [{ d: { ...members, e: 'x' } }] } });
    await show(invalid(payload, { message: 'must be number', path: '/a/b~1c/0/d/e' }));
    await openNewest(page);
    expect(await textsOf(page, '[data-fact="outcome"] dd')).toEqual(['rejected by validate: schema']);
    expect(await textsOf(page, '.is-wrong > .line')).toEqual(['"e": "x"must be number']);
    await page.click('.issues .path');
    expect(await focused(page)).toBe('"e": "x"must be number');
    await expect.poll(() => page.locator('.is-wrong').isVisible()).toBe(true);
  });

  it('shows a hundred members at a time', async ({ inspected: { page, show } }) => {
    await show(invalid(JSON.stringify(Array.from({ length: 250 }, (_, index) => index)), { message: 'no' }));
    await openNewest(page);
    expect(await page.locator('[role=treeitem]').count()).toBe(102);
    await page.click('.more');
    expect(await focused(page)).toBe('100: 100');
    await textOf(page, '.more', '50 more');
  });

  it('is marked at a place far behind, without what is between', async ({ inspected: { page, show } }) => {
    const list = JSON.stringify(Array.from({ length: 20_000 }, (_, index) => index));
    await show(invalid(list, { message: 'no', path: '/15000' }));
    await openNewest(page);
    expect(await textsOf(page, '.tree .more')).toEqual(['14900 more', '4999 more']);
    await page.click('.issues .path');
    expect(await focused(page)).toBe('15000: 15000no');
    await page.click('.more >> nth=0');
    expect(await focused(page)).toBe('100: 100');
    expect(await textsOf(page, '.tree .more')).toEqual(['14800 more', '4999 more']);
  });

  it('is cut where its names are long', async ({ inspected: { page, show } }) => {
    await show(invalid(`{"${'k'.repeat(100_000)}": [1]}`, { message: 'no' }));
    await openNewest(page);
    expect(await page.evaluate(() => document.querySelector('.tree')!.outerHTML.length)).toBeLessThan(5_000);
  });

  it('is text around the wrong place, where that is far behind', async ({ inspected: { page, show } }) => {
    const payload = `["${'x'.repeat(100_000)}",]${' '.repeat(20_000)}`;
    await show(reject(frames.raw(payload), 'decode', 'malformed-json', 'not valid JSON at character 100004'));
    await openNewest(page);
    expect(await textsOf(page, '.payload mark')).toEqual([']']);
    const isInView = () =>
      page.locator('.payload mark').evaluate((mark) => {
        const { x, y } = mark.getBoundingClientRect();
        return document.elementFromPoint(x + 1, y + 1) === mark;
      });
    expect(await isInView()).toBe(true);
    expect((await textsOf(page, '.payload pre')).join('')).toBe(payload);
  });

  it('is text where it is no JSON, with the place marked', async ({ inspected: { page, show } }) => {
    await show(malformed());
    await openNewest(page);
    expect(await textsOf(page, '[role=tab]')).toEqual(['Text', 'Hex']);
    expect(await textsOf(page, '.payload pre')).toEqual(['{"a": 1,}']);
    expect(await textsOf(page, '.payload mark')).toEqual(['}']);
    await page.click('[role=tab] >> text=Hex');
    expect(await textsOf(page, '.payload pre')).toEqual([
      `00000  7b 22 61 22 3a 20 31 2c 7d${' '.repeat(23)}{"a": 1,}\n`,
    ]);
  });

  it('is hexadecimal where it is binary', async ({ inspected: { page, show } }) => {
    await show(frames.raw(Uint8Array.from({ length: 40_000 }, (_, index) => index % 256)));
    await openNewest(page);
    expect(await textsOf(page, '[role=tab]')).toEqual(['Hex']);
    const text = (await textsOf(page, '.payload pre'))[0] ?? '';
    expect(text.split('\n')[4]).toBe('00040  40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO');
    expect(text.split('\n')).toHaveLength(40_000 / 16 + 1);
  });

  it('is hexadecimal where it is no UTF-8, with the first wrong byte marked', async ({ inspected: { page, show } }) => {
    const bytes = Uint8Array.from([...new TextEncoder().encode('{"größe": "'), 0xff, 0x22, 0x7d]);
    const frame = frames.raw(bytes, { isBinary: false });
    await show(reject(frame, 'decode', 'invalid-utf8', 'the payload is not valid UTF-8'));
    await openNewest(page);
    expect(await textsOf(page, '.payload mark')).toEqual(['ff']);
  });

  it('says so where it is not kept any more', async ({ inspected: { page, show, allowed } }) => {
    allowed.push(/404 \(Not Found\)/);
    await show(frames.keepalive());
    await page.route('**/frames/1', (route) => route.fulfill({ status: 404 }));
    await page.locator('#rows tr').first().click();
    await textOf(page, '#detail .empty', /^This frame is not kept any more/);
  });

  it.for([
    ['JSON that is cut', `["${'x'.repeat(6 * MiB)}"]`, ['Text', 'Hex']],
    ['text that is cut within a character', `x${'ü'.repeat(MiB)}`, ['Text', 'Hex']],
  ] as const)('is the head of %s', async ([, payload, tabs], { inspected: { page, show } }) => {
    await show(reject(frames.raw(payload), 'decode', 'malformed-json', 'not valid JSON at character 300000'));
    await openNewest(page);
    const size = new TextEncoder().encode(payload).length.toLocaleString('en');
    expect(await textsOf(page, '.cut')).toEqual([`the first 128 KiB of ${size} bytes`]);
    expect(await textsOf(page, '[role=tab]')).toEqual(tabs);
    expect(await textsOf(page, '.payload mark')).toEqual([]);
    const shown = (await textsOf(page, '.payload pre')).join('');
    expect(shown.length).toBeGreaterThan(60_000);
    expect(payload.startsWith(shown)).toBe(true);
  });

  it('stays to be opened where many large ones came after it', async ({ inspected: { page, show } }) => {
    await show(frames.keepalive());
    const large = frames.raw(new Uint8Array(6 * MiB));
    for (let count = 0; count < 30; count += 1) await show(large, large, large, large);
    await page.locator('#rows tr').last().click();
    await textOf(page, '#detail h3', 'Frame 1');
    await page.locator('#detail .tree').waitFor();
  });
});

describe('with the keyboard alone', () => {
  it('one goes from the filter to a frame, opens it, moves on, and comes back', async ({
    inspected: { page, show },
  }) => {
    await show(frames.keepalive(), invalid('{"a":{"b":1}}', { message: 'no', path: '/a/b' }), malformed());
    await page.keyboard.press('/');
    await page.keyboard.type('rejected');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toMatch(/^3/);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toMatch(/^2/);
    await page.keyboard.press('Enter');
    await textOf(page, '#detail h3', 'Frame 2');
    await textOf(page, '#pause', 'Resume');
    await page.keyboard.press('ArrowUp');
    await textOf(page, '#detail h3', 'Frame 3');
    await page.keyboard.press('ArrowDown');
    await page.locator('.tree').waitFor();

    // Close, the place of the issue, the tabs, the tree.
    for (let step = 0; step < 4; step += 1) await page.keyboard.press('Tab');
    expect(await focused(page)).toMatch(/^\{ 1 \}/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('"b": 1no');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await page.getAttribute('[role=treeitem] [role=treeitem]', 'aria-expanded')).toBe('false');
    await page.keyboard.press('Enter');
    expect(await page.getAttribute('[role=treeitem] [role=treeitem]', 'aria-expanded')).toBe('true');

    await page.keyboard.press('Escape');
    expect(await page.locator('#detail').isVisible()).toBe(false);
    expect(await focused(page)).toMatch(/^2/);
    await textOf(page, '#pause', 'Pause');
  });

  it('Escape lets the table go on, unless it was paused', async ({ inspected: { page, show } }) => {
    await show(frames.keepalive(), frames.keepalive());
    await openNewest(page);
    await show(malformed());
    await page.keyboard.press('Escape');
    expect(await focused(page)).toMatch(/^2/);
    await page.fill('#filter', 'rejected');
    expect(await textsOf(page, '#rows .number')).toEqual(['3']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await textOf(page, '#pause', 'Resume');
    await page.keyboard.press('Escape');
    await textOf(page, '#pause', 'Pause');

    await page.click('#pause');
    await openNewest(page);
    await show(malformed());
    await page.click('#detail button[aria-label]');
    await textOf(page, '#pause', 'Resume');
    await textOf(page, '#missed', '1 since');
  });

  it('one stays in the table, though its rows go on', async ({ inspected: { page, show } }) => {
    const more = () =>
      show(...Array.from({ length: 200 }, (_, index) => (index % 7 === 0 ? malformed() : frames.keepalive())));
    await show(frames.keepalive());
    await page.focus('#filter');
    await page.keyboard.press('ArrowDown');
    const isInTable = () => page.evaluate(() => document.activeElement?.matches('#rows tr') ?? false);
    for (let tick = 0; tick < 4; tick += 1) await more();
    await page.locator('[data-number="1"]').waitFor({ state: 'detached' });
    expect(await isInTable()).toBe(true);
    for (const text of ['Resume', 'Pause', 'Resume']) {
      await page.keyboard.press(' ');
      await textOf(page, '#pause', text);
      expect(await isInTable()).toBe(true);
    }
  });

  it('what has the focus can be seen', async ({ inspected: { page, show } }) => {
    await show(frames.keepalive(), malformed());
    const outlines: string[] = [];
    for (let step = 0; step < 6; step += 1) {
      await page.keyboard.press('Tab');
      outlines.push(
        await page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!);
          return `${outlineStyle} ${outlineWidth}`;
        }),
      );
    }
    expect(new Set(outlines)).toEqual(new Set(['solid 2px']));
  });
});

/** Places where a peer's text could become markup. */
const MARKUP = '<img src=x onerror="globalThis.pwned=1"></script><script>globalThis.pwned=2</script>';

describe('text of a peer', () => {
  it('stays text wherever it is shown', async ({ inspected: { page, show, state$, outcomes$ } }) => {
    const cause = new ClosedError(1008, MARKUP);
    state$.next({ status: 'closed', connectionId: MARKUP, cause });
    state$.next({ status: 'open', connectionId: MARKUP });
    const payload = `{${JSON.stringify(MARKUP)}: ${JSON.stringify(MARKUP)}, "__proto__": {"polluted": ${JSON.stringify(MARKUP)}}}`;
    const issues = [{ message: MARKUP, path: `/${MARKUP.replaceAll('~', '~0').replaceAll('/', '~1')}` }];
    await show(new RejectedFrame(frames.raw(payload, { connectionId: MARKUP }), MARKUP, MARKUP, issues));
    await openNewest(page);
    expect(await textsOf(page, '#rows .outcome')).toEqual([MARKUP]);
    expect(await textsOf(page, '#reasons .name')).toEqual([MARKUP]);
    expect((await textsOf(page, '#history p'))[0]).toContain('<img src=x');
    expect(await textsOf(page, '.tree .key')).toEqual([JSON.stringify(MARKUP), '"__proto__"', '"polluted"']);
    expect(await textsOf(page, '.is-wrong .why')).toEqual([MARKUP]);
    await page.click('[role=tab] >> text=Text');
    expect(await textsOf(page, '.payload pre')).toEqual([payload]);
    await page.click('#reasons button');
    outcomes$.error(new Error(MARKUP));
    await textOf(page, '#link', /stream failed .*<img src=x/);

    expect(await page.locator('img, body script').count()).toBe(0);
    expect(await page.evaluate(() => ['pwned', 'polluted'].map((name) => name in globalThis || name in {}))).toEqual([
      false,
      false,
    ]);
  });

  it('turns no line around, and hides nothing', async ({ inspected: { page, show } }) => {
    await show(invalid('{"a": "\u202egnp.exe\u200b\\u0007"}', { message: 'no' }));
    await openNewest(page);
    expect(await textsOf(page, '.tree .string')).toEqual(['"\\u202egnp.exe\\u200b\\u0007"']);
    await page.click('[role=tab] >> text=Text');
    expect(await textsOf(page, '.payload pre')).toEqual(['{"a": "\\u{202e}gnp.exe\\u{200b}\\u0007"}']);
  });

  it('could not become markup by a mistake: the page may make none', async ({ inspected: { page, allowed } }) => {
    allowed.push(/TrustedHTML/, /Content Security Policy/);
    const refused = await page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>';
        return 'taken';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(refused).toBe('TypeError');
  });
});

describe('what it looks like', () => {
  it.for([
    ['light', 1280],
    ['dark', 1280],
    ['light', 400],
    ['dark', 400],
  ] as const)(
    'is legible: %s, %i pixels wide, nothing stands out of the window',
    async ([colorScheme, width], { inspected: { page, show, state$ } }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const cause = new ClosedError(1012, 'service restart');
      state$.next({ status: 'closed', connectionId: 'one', cause });
      state$.next({ status: 'waiting', delay: 1_500, attempt: 1, failure: 'transient', cause });
      state$.next({ status: 'open', connectionId: 'two' });
      const payload = '{"text":"a","number":1,"flag":true,"none":null,"list":[1],"wrong":{}}';
      await show(frames.interactionUpdate(), malformed(), invalid(payload, { message: 'no', path: '/wrong' }));
      await openNewest(page);
      await page.locator('#frames-rate-readout b').first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      expect(await page.evaluate(illegible)).toEqual([]);
    },
  );

  it('does not move where motion is not wanted', async ({ inspected: { page } }) => {
    const durations = () =>
      page.evaluate(() => [
        ...new Set(
          [...document.querySelectorAll('*')].map((one) => getComputedStyle(one, '::before').transitionDuration),
        ),
      ]);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect((await durations()).length).toBeGreaterThan(1);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await durations()).toEqual(['0s']);
  });
});

describe('the way to the inspected process', () => {
  it('is tried again quietly, and then shows what happened meanwhile', async ({
    inspected: { page, show, allowed, inspector },
  }) => {
    allowed.push(/ERR_FAILED/);
    let attempts = 0;
    await page.route('**/events', (route) => ((attempts += 1) === 1 ? route.abort() : route.continue()));
    await page.goto(inspector.url);
    await textOf(page, '#link', 'disconnected, trying again');
    await show(frames.keepalive());
    await textOf(page, '#link', 'live');
    expect(await textsOf(page, '#rows .number')).toEqual(['1']);
  });

  it('greys what may be old while it is lost', async ({ inspected: { page, allowed, inspector, state$ } }) => {
    allowed.push(/ERR_FAILED/);
    state$.next({ status: 'open', connectionId: 'one' });
    const colours = () =>
      page.evaluate(() => ['#state', '#totals b'].map((one) => getComputedStyle(document.querySelector(one)!).color));
    await textOf(page, '#state', /^open/);
    const live = await colours();
    await page.route('**/events', (route) => route.abort());
    await page.goto(inspector.url);
    await textOf(page, '#link', 'disconnected, trying again');
    expect(live[0]).toBe(live[1]);
    expect((await colours()).map((colour) => colour === live[0])).toEqual([false, false]);
  });

  it('brings the last counts and states before it ends', async ({ inspected }) => {
    const { page, show, inspector, outcomes$, state$ } = inspected;
    state$.next({ status: 'open', connectionId: 'one' });
    await show(frames.keepalive());
    outcomes$.next(malformed());
    state$.next({ status: 'closed', connectionId: 'one' });
    outcomes$.complete();
    await inspector.close();
    await textOf(page, '#link', /^stream completed \d\d:\d\d:\d\d, ended$/);
    await textOf(page, '[data-count="frames"]', '2');
    await textOf(page, '#state', /^closed/);
  });

  it('is over where the process ends', async ({ inspected: { page, show, inspector, allowed } }) => {
    allowed.push(/ERR_(?:CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING)/);
    await show(frames.keepalive());
    await inspector.close();
    await textOf(page, '#link', /^ended \d\d:\d\d:\d\d$/);
    expect(await textsOf(page, '#rows .number')).toEqual(['1']);
    await page.locator('#rows tr').first().click();
    await textOf(page, '#detail .empty', /could not be fetched/);
  });
});

describe('ten thousand frames a second', () => {
  it('are counted exactly, and leave the page time for its reader', async ({ inspected: { page, outcomes$ } }) => {
    const outcomes: readonly AnyFrame[] = [frames.interactionUpdate(), frames.keepalive(), malformed()];
    const busy = page.evaluate(
      () =>
        new Promise<{ readonly drawn: number; readonly blocked: number }>((resolve) => {
          let blocked = 0;
          new PerformanceObserver((list) => {
            for (const { duration } of list.getEntries()) blocked += duration - 50;
          }).observe({ type: 'longtask' });
          let drawn = 0;
          const end = performance.now() + 3_000;
          const draw = () => {
            drawn += 1;
            if (performance.now() < end) requestAnimationFrame(draw);
            else resolve({ drawn, blocked });
          };
          requestAnimationFrame(draw);
        }),
    );
    let sent = 0;
    const start = performance.now();
    const sending = setInterval(() => {
      for (const due = (performance.now() - start) * 10; sent < due; sent += 1) outcomes$.next(outcomes[sent % 3]!);
    }, 5);
    const { drawn, blocked } = await busy;
    clearInterval(sending);
    await textOf(page, '[data-count="frames"]', sent.toLocaleString('en'));
    expect(sent).toBeGreaterThan(25_000);
    expect(drawn).toBeGreaterThan(45);
    expect(blocked).toBeLessThan(1_000);
  });
});

/** The texts of the page with a contrast below 4.5 : 1 to what is behind them. */
function illegible(): string[] {
  type Colour = readonly [red: number, green: number, blue: number, alpha: number];
  const read = (text: string): Colour => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (/\(([^)]*)\)/.exec(text)?.[1] ?? '').split(/[ ,/]+/).map(Number);
    return [red, green, blue, alpha];
  };
  const over = (top: Colour, below: Colour): Colour => {
    const mix = (index: 0 | 1 | 2) => top[index] * top[3] + below[index] * (1 - top[3]);
    return [mix(0), mix(1), mix(2), 1];
  };
  const behind = (element: Element): Colour => {
    const own = read(getComputedStyle(element).backgroundColor);
    if (own[3] === 1 || element.parentElement === null) return own;
    return over(own, behind(element.parentElement));
  };
  const luminance = ([red, green, blue]: Colour): number => {
    const [r = 0, g = 0, b = 0] = [red, green, blue]
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== ''))
    .filter((element) => element.checkVisibility())
    .flatMap((element) => {
      const below = behind(element);
      const lights = [luminance(over(read(getComputedStyle(element).color), below)), luminance(below)];
      const contrast = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
      return contrast < 4.5 ? [`${element.tagName}.${element.className} ${contrast.toFixed(2)}`] : [];
    });
}
