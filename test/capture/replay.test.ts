import { readFileSync, statSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { lastValueFrom, toArray, VirtualTimeScheduler, type Observable } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { CaptureError } from '../../operators/errors.ts';
import { Flow } from '../../operators/flow.ts';
import type { RawFrame, Receipt } from '../../operators/frame.ts';
import { captureFile } from '../../src/capture/capture-file.ts';
import { replay, type CutOffNotice, type ReplayOptions, type ReplayProgress } from '../../src/capture/replay.ts';
import { frames } from '../../src/testing/frames.ts';
import { inFolder, openFiles } from './capture-folder.ts';

const START = 1_700_000_000_000;
const AT_ONCE: ReplayOptions = { pace: Infinity };

/** A frame of a test, so many milliseconds after the start. */
function at(time: number, sequence: number, payload: string | Uint8Array = `{"n":${sequence}}`): RawFrame {
  return frames.raw(payload, { connectionId: 'c1', sequence, timestamp: START + time, receivedAt: performance.now() });
}

/** Records these, in chunks of so many, and gives the path. */
async function recorded(all: readonly RawFrame[], chunk = Infinity, path = inFolder('a.mcap')): Promise<string> {
  const capture = captureFile(path);
  for (const [index, frame] of all.entries()) {
    capture.write(frame);
    if ((index + 1) % chunk === 0) await capture.flush();
  }
  await capture.close();
  return path;
}

const all = <T>(source: Observable<T>): Promise<readonly T[]> => lastValueFrom(source.pipe(toArray()));

/** What must be the same in a frame that was recorded and one that is replayed. */
function known({ rawData, isBinary, connectionId, sequence, timestamp, frameId }: RawFrame) {
  return { bytes: Buffer.from(rawData).toString('hex'), isBinary, connectionId, sequence, timestamp, frameId };
}

const sequences = (list: readonly RawFrame[]): readonly number[] => list.map(({ sequence }) => sequence);

const receipt: fc.Arbitrary<Receipt> = fc.record({
  rawData: fc.uint8Array({ maxLength: 300 }),
  isBinary: fc.boolean(),
  connectionId: fc.oneof(fc.constantFrom('a', 'b', ''), fc.string({ unit: 'binary' })),
  sequence: fc.oneof(fc.nat(10), fc.maxSafeNat(), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 33 + 1)),
  timestamp: fc.oneof(
    fc.nat(),
    fc.integer({ min: START, max: 2 * START }),
    fc.double({ min: START, max: 2 * START, noNaN: true }),
  ),
  receivedAt: fc.nat(),
});

describe('replay', () => {
  it('gives any frames back as they were: connection, sequence, opcode, bytes, time', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(receipt, { maxLength: 30 }),
        fc.integer({ min: 1, max: 10 }),
        async (receipts, chunk) => {
          const given = receipts.map((one) => frames.raw('', one));
          const path = await recorded(given, chunk, inFolder(`${(run += 1)}.mcap`));
          const replayed = await all(replay(path, AT_ONCE));
          expect(replayed.map(known)).toStrictEqual(given.map(known));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gives each frame its receipt on the clock of now, and is cold', async () => {
    const path = await recorded([at(0, 0), at(1, 1)]);
    const before = performance.now();
    const replay$ = replay(path, AT_ONCE);
    for (const { receivedAt } of await all(replay$)) {
      expect(receivedAt).toBeGreaterThanOrEqual(before);
      expect(receivedAt).toBeLessThanOrEqual(performance.now());
    }
    expect(await all(replay$)).toHaveLength(2);
  });

  it.each([
    [1, [0, 100, 100, 5_100]],
    [4, [0, 25, 25, 1_275]],
    [0.5, [0, 200, 200, 10_200]],
  ])(
    'keeps the recorded times, at pace %d; one that came before its predecessor comes at once',
    async (pace, times) => {
      const path = await recorded([at(0, 0), at(100, 1), at(50, 2), at(5_100, 3)]);
      const scheduler = new VirtualTimeScheduler();
      const seen: number[] = [];
      const ended = vi.fn();
      replay(path, { pace, scheduler }).subscribe({ next: () => seen.push(scheduler.now()), complete: ended });
      await vi.waitUntil(
        () => {
          scheduler.flush();
          return ended.mock.calls.length > 0;
        },
        { interval: 1 },
      );
      expect(seen).toStrictEqual(times);
    },
  );

  it('gives only what came from one time to another, both included, and of several chunks', async () => {
    const path = await recorded(
      Array.from({ length: 20 }, (_, i) => at(i, i)),
      2,
    );
    const between = (from?: Date | number, to?: Date | number) =>
      all(replay(path, { ...AT_ONCE, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }));
    expect(sequences(await between(START + 5, START + 8))).toStrictEqual([5, 6, 7, 8]);
    expect(sequences(await between(new Date(START + 18)))).toStrictEqual([18, 19]);
    expect(sequences(await between(undefined, new Date(START + 1)))).toStrictEqual([0, 1]);
    expect(await between(START + 20)).toStrictEqual([]);
  });

  it('does not read what is in a chunk outside', async () => {
    const hour = 3_600_000;
    const path = await recorded([at(0, 0, 'FIRST'), at(hour, 1), at(2 * hour, 2, 'LAST')], 1);
    const bytes = readFileSync(path);
    for (const payload of ['FIRST', 'LAST']) bytes[bytes.indexOf(payload)] = 0;
    writeFileSync(path, bytes);
    const between = (from: number, to: number) => all(replay(path, { ...AT_ONCE, from: START + from, to: START + to }));
    expect(sequences(await between(hour / 2, hour))).toStrictEqual([1]);
    await expect(between(0, hour)).rejects.toThrow('is damaged');
    await expect(between(hour, 2 * hour)).rejects.toThrow('is damaged');
  });

  it('replays several files in the order given, and says how far it is', async () => {
    const first = await recorded([at(0, 0), at(1, 1)], 1, inFolder('1.mcap'));
    const second = await recorded([at(2, 2)], 1, inFolder('2.mcap'));
    const reports: ReplayProgress[] = [];
    const progress = { next: (report: ReplayProgress) => reports.push(report) };
    expect(sequences(await all(replay([first, second], { ...AT_ONCE, progress })))).toStrictEqual([0, 1, 2]);
    const [one, two] = [statSync(first).size, statSync(second).size];
    expect(reports.map(({ frames: count }) => count)).toStrictEqual([1, 2, 2, 3, 3]);
    expect(reports.map(({ file }) => file)).toStrictEqual([first, first, first, second, second]);
    for (const { bytesTotal } of reports) expect(bytesTotal).toBe(one + two);
    const read = reports.map(({ bytesRead }) => bytesRead);
    expect(read).toStrictEqual(read.toSorted((a, b) => a - b));
    expect([read[2], read[4]]).toStrictEqual([one, one + two]);
    expect(sequences(await all(replay([second, first], AT_ONCE)))).toStrictEqual([2, 0, 1]);
  });

  it('gives nothing while the flow is held, also from inside, and loses nothing by it', async () => {
    const path = await recorded(
      Array.from({ length: 9 }, (_, i) => at(i, i)),
      2,
    );
    const flow = new Flow();
    const seen: number[] = [];
    const ended = vi.fn();
    flow.hold(seen);
    replay(path, { ...AT_ONCE, flow }).subscribe({
      next: ({ sequence }) => {
        seen.push(sequence);
        if (seen.length % 3 === 0) flow.hold(seen);
      },
      complete: ended,
    });
    await vi.waitUntil(() => openFiles().length > 0);
    for (const count of [0, 3, 6]) {
      await new Promise(setImmediate);
      await vi.waitUntil(() => seen.length === count, { interval: 1 });
      flow.release(seen);
    }
    await vi.waitUntil(() => seen.length === 9);
    flow.release(seen);
    await vi.waitUntil(() => ended.mock.calls.length === 1);
    expect(seen).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(flow.attached).toBe(false);
  });

  it('leaves no file open, no timer and no valve, wherever it is left', async () => {
    const path = await recorded([at(0, 0), at(3_600_000, 1)], 1);
    const flow = new Flow();
    const scheduler = new VirtualTimeScheduler();
    const atOnce = replay(path, { flow, scheduler }).subscribe();
    atOnce.unsubscribe();
    const seen = vi.fn();
    const waiting = replay(path, { flow, scheduler }).subscribe(seen);
    await vi.waitUntil(() => scheduler.actions.some(({ closed }) => !closed));
    expect(seen).toHaveBeenCalledOnce();
    waiting.unsubscribe();
    expect(scheduler.actions.filter(({ closed }) => !closed)).toStrictEqual([]);
    flow.hold(seen);
    const held = replay(path, { flow, scheduler }).subscribe(seen);
    await vi.waitUntil(() => openFiles().length > 0);
    held.unsubscribe();
    expect(flow.attached).toBe(false);
    await vi.waitUntil(() => openFiles().length === 0);
    expect(seen).toHaveBeenCalledOnce();
  });
});

describe('a capture that was never ended', () => {
  it('is replayed as far as it goes, wherever it was cut, with a notice', async () => {
    const given = Array.from({ length: 6 }, (_, i) => at(i, i, 'x'.repeat(40)));
    const path = await recorded(given, 2);
    const whole = readFileSync(path);
    // The footer says where the summary starts; before that stands the end of the data, of 13 bytes.
    const dataEnd = Number(whole.readBigUInt64LE(whole.length - 8 - 20)) - 13;
    let longest = 0;
    for (let length = 0; length <= dataEnd; length += 97) {
      const cut = inFolder('cut.mcap');
      writeFileSync(cut, whole.subarray(0, length));
      const notices: CutOffNotice[] = [];
      const replayed = await all(replay(cut, { ...AT_ONCE, notices: { next: (notice) => notices.push(notice) } }));
      expect(replayed.map(known)).toStrictEqual(given.slice(0, replayed.length).map(known));
      expect(replayed.length % 2).toBe(0);
      expect(replayed.length).toBeGreaterThanOrEqual(longest);
      longest = replayed.length;
      expect(notices).toMatchObject([{ type: 'cut-off', file: cut }]);
      expect(notices[0]!.unusedBytes).toBeLessThanOrEqual(length);
    }
    expect(longest).toBe(6);
  });
});

describe('a file that is damaged', () => {
  const failure = (path: string) =>
    all(replay(path, AT_ONCE)).then(
      () => expect.unreachable(),
      (error: unknown) => error as CaptureError,
    );

  it('is an error that names it and the place, after the frames before the damage', async () => {
    const path = await recorded(
      Array.from({ length: 6 }, (_, i) => at(i, i, 'PAYLOAD')),
      2,
    );
    const bytes = readFileSync(path);
    const third = bytes.lastIndexOf('PAYLOAD');
    bytes[third] = 0;
    writeFileSync(path, bytes);
    const seen: number[] = [];
    const error = await new Promise((resolve) => {
      replay(path, AT_ONCE).subscribe({
        next: ({ sequence }) => seen.push(sequence),
        error: resolve,
        complete: () => resolve(undefined),
      });
    });
    expect(error).toBeInstanceOf(CaptureError);
    const { message, code, file, offset } = error as CaptureError;
    expect(message).toMatch(/a\.mcap is damaged at byte \d+: Incorrect chunk CRC \d+ \(expected \d+\)\.$/);
    expect([code, file]).toStrictEqual(['ERR_CAPTURE', path]);
    expect(bytes[offset!]).toBe(6);
    expect(seen).toStrictEqual([0, 1, 2, 3]);
  });

  it('is an error where a record claims to be longer than the file, and the file was ended', async () => {
    const path = await recorded([at(0, 0)]);
    const bytes = readFileSync(path);
    bytes.writeBigUInt64LE(2n ** 40n, 9);
    writeFileSync(path, bytes);
    expect((await failure(path)).message).toMatch(/is damaged at byte 8: a record of 1099511627776 bytes/);
  });

  it.each([
    ['no capture', 'hello', /is neither a capture \(MCAP\) nor JSON as of a HAR file/],
    ['JSON that is no HAR', '{"log":{"entries":7}}', /is no HAR file: it has no log\.entries/],
    ['null', 'null', /is no HAR file/],
  ])('is an error where it is %s', async (_, text, message) => {
    writeFileSync(inFolder('x'), text);
    const error = await failure(inFolder('x'));
    expect(error).toBeInstanceOf(CaptureError);
    expect(error.message).toMatch(message);
  });

  it.each(['/dev/null', '/tmp'])('is an error where it has no size: %s', async (path) => {
    expect((await failure(path)).message).toBe(`${path} is no file, but a folder, a pipe or a device.`);
  });

  it('is the error of the system where it is not there', async () => {
    expect(await failure(inFolder('none'))).toMatchObject({ code: 'ENOENT' });
  });

  it('never makes it hang, grow or throw anything else, whatever byte of it is changed', async () => {
    const path = await recorded(
      Array.from({ length: 4 }, (_, i) => at(i, i, 'x')),
      2,
    );
    const size = statSync(path).size;
    await fc.assert(
      fc.asyncProperty(fc.nat(size - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const bytes = readFileSync(path);
        bytes[place]! ^= change;
        writeFileSync(inFolder('changed'), bytes);
        const seen: RawFrame[] = [];
        const error = await new Promise((resolve) => {
          replay(inFolder('changed'), AT_ONCE).subscribe({
            next: (frame) => seen.push(frame),
            error: resolve,
            complete: () => resolve(undefined),
          });
        });
        if (error !== undefined) expect(error).toBeInstanceOf(CaptureError);
        expect(seen.length).toBeLessThanOrEqual(4);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a HAR file', () => {
  /** As Chromium exports it. */
  const har = (...entries: readonly (readonly object[] | undefined)[]) =>
    JSON.stringify({
      log: { version: '1.2', entries: entries.map((_webSocketMessages) => ({ request: {}, _webSocketMessages })) },
    });
  const message = (type: string, time: number, opcode: number, data: string) => ({ type, time, opcode, data });

  it('gives the messages that were received, text and binary, in the order of time, by connection', async () => {
    writeFileSync(
      inFolder('app.har'),
      `\uFEFF${har(
        undefined,
        [
          message('send', 1_700_000_000.1, 1, 'subscribe'),
          message('receive', 1_700_000_000.2, 1, '{"type":"é"}'),
          message('receive', 1_700_000_000.400123, 2, 'gAD/'),
          message('error', 1_700_000_000.5, -1, 'closed'),
        ],
        [message('receive', 1_700_000_000.3, 1, '')],
      )}`,
    );
    const replayed = await all(replay(inFolder('app.har'), AT_ONCE));
    expect(
      replayed.map(({ rawData, frameId, isBinary, timestamp }) => [
        Buffer.from(rawData).toString('latin1'),
        frameId,
        isBinary,
        timestamp,
      ]),
    ).toStrictEqual([
      [Buffer.from('{"type":"é"}').toString('latin1'), 'har-0-1-0', false, START + 200],
      ['', 'har-0-2-0', false, START + 300],
      ['\u0080\u0000ÿ', 'har-0-1-1', true, START + 400.123],
    ]);
    const [only] = await all(replay(inFolder('app.har'), { ...AT_ONCE, from: START + 301 }));
    expect(only?.isBinary).toBe(true);
  });

  it('has its times in milliseconds where Playwright recorded it', async () => {
    writeFileSync(inFolder('app.har'), har([message('receive', START + 152.2559, 1, 'a')]));
    const [only] = await all(replay(inFolder('app.har'), AT_ONCE));
    expect(only?.timestamp).toBe(START + 152.256);
  });

  it('passes over what is no message, or has a time that a frame can not have', async () => {
    writeFileSync(
      inFolder('app.har'),
      har([
        {},
        { type: 'receive' },
        message('receive', 1, 8, 'x'),
        message('receive', -1, 1, 'x'),
        message('receive', 1e16, 1, 'x'),
        message('receive', 1, 1, 'a'),
      ]),
    );
    expect(await all(replay(inFolder('app.har'), AT_ONCE))).toHaveLength(1);
  });

  it('is recognised by what is in it, and goes together with captures', async () => {
    const capture = await recorded([at(0, 7)], 1, inFolder('really.har'));
    writeFileSync(inFolder('really.mcap'), har([message('receive', 1, 1, 'a')]));
    const replayed = await all(replay([capture, inFolder('really.mcap')], AT_ONCE));
    expect(replayed.map(({ frameId }) => frameId)).toStrictEqual(['c1-7', 'har-1-0-0']);
  });
});

describe('replay', () => {
  it.each<[unknown, unknown, string]>([
    [[], {}, 'TypeError: replay: files must be the path of a file, or several, got an array'],
    ['', {}, 'TypeError: replay: files must be the path of a file, or several, got ""'],
    [
      'x',
      { speed: 1 },
      'TypeError: replay: there is no option "speed"; there are pace, from, to, flow, scheduler, progress, notices',
    ],
    ['x', { pace: 0 }, 'RangeError: replay: pace must be a number above 0, or Infinity, got 0'],
    ['x', { pace: 'max' }, 'TypeError: replay: pace must be a number above 0, or Infinity, got "max"'],
    ['x', { from: '2026' }, 'TypeError: replay: from must be a Date, or milliseconds since the epoch, got "2026"'],
    [
      'x',
      { to: new Date(NaN) },
      'TypeError: replay: to must be a Date, or milliseconds since the epoch, got an object',
    ],
    ['x', { progress: 1 }, 'TypeError: replay: progress must be an object with a method next(), got 1'],
  ])('refuses %j with %j', (files, options, message) => {
    expect(() => replay(files as string, options as ReplayOptions)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });
});
