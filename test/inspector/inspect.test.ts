import { getEventListeners, once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ClosedError, type ConnectionState } from 'rxframe';
import { inspect, type InspectedStream, type InspectOptions, type Inspector } from 'rxframe/node';
import { reject, RejectedFrame, type AnyFrame } from 'rxframe/operators';
import { frames } from 'rxframe/testing';
import { NEVER, Observable, ReplaySubject, Subject } from 'rxjs';
import type { FullMessage } from '../../src/inspector/protocol.ts';
import { ask, messages } from './client.ts';

const open: Inspector[] = [];

afterEach(async () => {
  for (const inspector of open.splice(0)) await inspector.close();
});

async function inspected(stream: InspectedStream, options?: InspectOptions): Promise<Inspector> {
  const inspector = await inspect(stream, options);
  open.push(inspector);
  return inspector;
}

/** The first message that a page gets. */
async function firstMessage(url: string): Promise<FullMessage> {
  for await (const message of messages(url)) {
    if (message.event === 'full') return message.data;
  }
  return expect.fail('the live channel ended');
}

describe('inspect', () => {
  it('counts a burst of 50,000 outcomes exactly, and shows a sample that has each kind', async () => {
    const outcomes$ = new Subject<AnyFrame>();
    const { url } = await inspected({ outcomes$ });
    const rare = reject(frames.raw('rare'), 'my-stage', 'rare', 'seldom');
    const common = frames.keepalive();
    const bad = reject(frames.raw('{'), 'decode', 'malformed-json', 'no JSON');
    for (let number = 0; number < 50_000; number += 1) {
      outcomes$.next(number === 7 ? rare : number % 10 === 0 ? bad : common);
    }
    const { totals, rows } = await firstMessage(url);
    expect(totals).toStrictEqual({
      frames: 50_000,
      accepted: 44_999,
      rejected: 5_001,
      bytes: 44_999 * common.byteLength + 5_000 + 4,
      byType: [['keepalive', 44_999]],
      byReason: [
        ['malformed-json', 5_000],
        ['rare', 1],
      ],
    });
    expect(rows.length).toBeLessThanOrEqual(64);
    expect(rows.map(({ number }) => number)).toStrictEqual(
      rows.map(({ number }) => number).sort((one, other) => one - other),
    );
    expect(rows.find(({ number }) => number === 8)).toMatchObject({ outcome: 'rejected', reason: 'rare' });
    expect(rows.at(-1)).toMatchObject({ number: 50_000, outcome: 'accepted', payloadType: 'keepalive' });
  });

  it('sends what is new with each tick, and the counts of each second', async () => {
    const outcomes$ = new Subject<AnyFrame>();
    const { url } = await inspected({ outcomes$ });
    const numbers: number[] = [];
    let counted = 0;
    let sent = 0;
    for await (const { event, data } of messages(url)) {
      numbers.push(...data.rows.map(({ number }) => number));
      if (event === 'tick') counted += data.seconds.reduce((sum, second) => sum + second.frames, 0);
      if (counted > 0) break;
      outcomes$.next(frames.keepalive());
      sent += 1;
    }
    expect(sent).toBeGreaterThan(1);
    expect(numbers).toStrictEqual(Array.from({ length: counted }, (_, index) => index + 1));
  });

  it('gives a frame when it is opened: what is known of it, and its bytes', async () => {
    const outcomes$ = new Subject<AnyFrame>();
    const { url } = await inspected({ outcomes$ });
    const frame = new RejectedFrame(frames.raw([0xff, 0, 1]), 'my-stage', 'mine', [{ message: 'no', path: '/a' }]);
    outcomes$.next(frame);
    await firstMessage(url);
    const facts = await ask(`${url}frames/1`);
    expect(JSON.parse(facts.body.toString())).toMatchObject({
      number: 1,
      frameId: frame.frameId,
      isBinary: true,
      byteLength: 3,
      checksum: 'none',
      stage: 'my-stage',
      issues: [{ message: 'no', path: '/a' }],
      hasPayload: true,
    });
    const payload = await ask(`${url}frames/1/payload`);
    expect([...payload.body]).toStrictEqual([0xff, 0, 1]);
    expect(payload.headers['content-type']).toBe('application/octet-stream');
    expect((await ask(`${url}frames/2`)).status).toBe(404);
  });

  it('has the states with their causes, and how the stream ended', async () => {
    const outcomes$ = new Subject<AnyFrame>();
    const state$ = new ReplaySubject<ConnectionState>(10);
    const { url } = await inspected({ outcomes$, state$ });
    const cause = new ClosedError(1012, 'restart');
    state$.next({ status: 'open', connectionId: 'a' });
    state$.next({ status: 'closed', connectionId: 'a', cause });
    state$.next({ status: 'waiting', delay: 500, attempt: 1, failure: 'transient', cause });
    outcomes$.error(new Error('gave\u001b up'));
    const { states, end } = await firstMessage(url);
    const told = {
      message: 'The connection was closed with code 1012 (restart).',
      code: 'ERR_CLOSED',
      closeCode: 1012,
    };
    expect(states).toMatchObject([
      { status: 'open', connectionId: 'a' },
      { status: 'closed', connectionId: 'a', cause: told },
      { status: 'waiting', delay: 500, attempt: 1, failure: 'transient', cause: told },
    ]);
    expect(end).toMatchObject({ kind: 'failed', cause: { message: 'gave\ufffd up' } });
  });

  it('takes an error that is none and has no text', async () => {
    const outcomes$ = new Subject<AnyFrame>();
    const { url } = await inspected({ outcomes$ });
    outcomes$.error(Object.create(null));
    expect((await firstMessage(url)).end).toMatchObject({ cause: { message: 'thrown was no Error, but: object' } });
  });

  it('says that the stream completed', async () => {
    const outcomes$ = new Subject<AnyFrame>();
    const { url } = await inspected({ outcomes$ });
    outcomes$.complete();
    expect((await firstMessage(url)).end).toMatchObject({ kind: 'completed' });
  });

  it('names what is wrong with an option', async () => {
    await expect(inspect({ outcomes$: NEVER }, { port: -1 })).rejects.toThrow(
      new RangeError('inspect: port must be an integer from 0 to 65535, got -1'),
    );
    await expect(inspect({ outcomes$: NEVER }, { prt: 1 } as InspectOptions)).rejects.toThrow(
      'inspect: there is no option "prt"; there are port, signal',
    );
    await expect(inspect({} as InspectedStream)).rejects.toThrow(
      'inspect: stream.outcomes$ must be an object with a method subscribe()',
    );
  });

  it('rejects where the port is taken, and leaves nothing subscribed', async () => {
    const { url } = await inspected({ outcomes$: NEVER });
    const outcomes$ = new Subject<AnyFrame>();
    await expect(inspect({ outcomes$ }, { port: Number(new URL(url).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    expect(outcomes$.observed).toBe(false);
  });
});

describe('who may open the page', () => {
  it('listens on 127.0.0.1 only, and has a token of 256 bits, another one each time', async () => {
    const addresses = await Promise.all([1, 2].map(() => inspected({ outcomes$: NEVER })));
    const tokens = addresses.map(({ url }) => /^http:\/\/127\.0\.0\.1:\d+\/([\w-]{43})\/$/.exec(url)?.[1]);
    expect(new Set(tokens).size).toBe(2);
    expect(tokens).not.toContain(undefined);
    const { port } = new URL(addresses[0]!.url);
    const other = connect(Number(port), '127.0.0.2');
    await expect(once(other, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is refused whatever the path, where the token is not right', async () => {
    const { url } = await inspected({ outcomes$: NEVER });
    const { origin, pathname } = new URL(url);
    const token = pathname.slice(1, -1);
    const wrong = [
      '/',
      '/events',
      '/main.js',
      '/favicon.ico',
      `/${token}`,
      `/${token.slice(1)}/`,
      `/${token}x/events`,
      `/${token.toUpperCase()}/`,
      `/${'a'.repeat(43)}/frames/1`,
      `//${token}/`,
      `/x/../${token}/`,
    ];
    const statuses = await Promise.all(wrong.map(async (path) => (await askPath(origin, path)).status));
    expect(statuses).toStrictEqual(wrong.map(() => 404));
    for (const resource of ['nothing', '../package.json', 'page.ts', 'frames/', 'frames/1/payload', 'frames/-1']) {
      expect((await askPath(origin, `/${token}/${resource}`)).status).toBe(404);
    }
  });

  it.for([
    ['another host', { host: 'evil.example' }],
    ['a name that leads here', { host: 'localhost' }],
    ['another port', { host: '127.0.0.1:1' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
  ] as const)('is refused by the live channel and the frames, with the token too, from %s', async ([, headers]) => {
    const { url } = await inspected({ outcomes$: NEVER });
    for (const resource of ['events', 'frames/1', 'main.js']) {
      expect((await ask(`${url}${resource}`, headers)).status).toBe(403);
    }
  });

  it('may only read', async () => {
    const { url } = await inspected({ outcomes$: NEVER });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await ask(url, {}, method)).status).toBe(405);
    }
  });

  it('gets the page with headers that let it load nothing from elsewhere, and say its address to nobody', async () => {
    const { url } = await inspected({ outcomes$: NEVER });
    for (const [resource, type] of [
      ['', 'text/html'],
      ['main.js', 'text/javascript'],
      ['page.css', 'text/css'],
    ] as const) {
      const { status, headers, body } = await ask(`${url}${resource}`);
      expect(status).toBe(200);
      expect(headers['content-type']).toContain(type);
      expect(headers).toMatchObject({
        'content-security-policy': expect.stringMatching(/^default-src 'none'; script-src 'self'; /) as string,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(body.toString()).not.toContain(new URL(url).pathname);
    }
    expect((await ask(`${url}main.js`)).body.toString()).toContain('The MIT License (MIT)');
  });
});

describe('who has no token', () => {
  it('can take no more than 256 connections', async ({ onTestFinished }) => {
    const { url } = await inspected({ outcomes$: NEVER });
    const { port, host } = new URL(url);
    const sockets = Array.from({ length: 256 }, () => connect(Number(port), '127.0.0.1'));
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const last = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    await once(last, 'close');
    sockets[0]!.end(`GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`).resume();
    await once(sockets[0]!, 'close');
    expect((await ask(url)).status).toBe(200);
  });
});

describe('the end of an inspector', () => {
  it('comes though the stream throws where it is left, and tells what it threw', async () => {
    const thrown = new Error('teardown');
    const { url, close } = await inspect({
      outcomes$: new Observable(() => () => {
        throw thrown;
      }),
    });
    await expect(close()).rejects.toMatchObject({ errors: [thrown] });
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('leaves no socket, timer, listener or subscription, though pages are open', async () => {
    const outcomes$ = new Subject<AnyFrame>();
    const state$ = new Subject<ConnectionState>();
    const { signal } = new AbortController();
    const inspector = await inspect({ outcomes$, state$ }, { signal });
    const pages = [1, 2, 3].map(() => messages(inspector.url));
    await Promise.all(pages.map((page) => page.next()));
    expect([outcomes$.observed, state$.observed]).toStrictEqual([true, true]);

    await Promise.all([inspector.close(), inspector.close()]);
    await Promise.all(pages.map((page) => endOf(page)));
    expect([outcomes$.observed, state$.observed]).toStrictEqual([false, false]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(process.getActiveResourcesInfo().filter((resource) => /^(?:TCP|Timeout)/.test(resource))).toStrictEqual([]);
    await expect(ask(inspector.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('comes when the signal is aborted', async () => {
    const controller = new AbortController();
    const outcomes$ = new Subject<AnyFrame>();
    const { url } = await inspect({ outcomes$ }, { signal: controller.signal });
    const page = messages(url);
    await page.next();
    controller.abort();
    await endOf(page);
    expect(outcomes$.observed).toBe(false);
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is there at once where the signal was aborted before', async () => {
    const outcomes$ = new Subject<AnyFrame>();
    const reason = new Error('enough');
    await expect(inspect({ outcomes$ }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const starting = inspect({ outcomes$ }, { signal: controller.signal });
    controller.abort(reason);
    await expect(starting).rejects.toBe(reason);
    expect(outcomes$.observed).toBe(false);
  });
});

/** Asks for a path as it is written, which `new URL` would change. */
function askPath(origin: string, path: string): ReturnType<typeof ask> {
  return ask(`${origin}/`, {}, 'GET', path);
}

async function endOf(page: AsyncGenerator<unknown, void>): Promise<void> {
  while ((await page.next()).done !== true);
}
