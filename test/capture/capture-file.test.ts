import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Flow } from '../../operators/flow.ts';
import { reject, type AnyFrame } from '../../operators/frame.ts';
import { captureFile, type CaptureFileOptions } from '../../src/capture/capture-file.ts';
import { frames } from '../../src/testing/frames.ts';
import { inFolder, openFiles } from './capture-folder.ts';
import { readMcap } from './mcap.ts';

const START = 1_700_000_000_000;

/** A frame of a test: some bytes at some place of a connection. */
function frame(sequence: number, payload: string | Uint8Array = `{"n":${sequence}}`, connectionId = 'c1'): AnyFrame {
  return frames.raw(payload, { connectionId, sequence, timestamp: START + sequence, receivedAt: performance.now() });
}

afterEach(() => {
  vi.useRealTimers();
});

describe('captureFile', () => {
  it('writes what viewers of MCAP read: frames by connection and opcode, outcomes with their schema, statistics, an index', async () => {
    const capture = captureFile(inFolder('a.mcap'));
    const bad = frame(1, '{');
    capture.write(frame(0));
    capture.write(reject(bad as never, 'decode', 'malformed-json', 'not JSON'));
    capture.write(frame(2, Uint8Array.of(0x80, 0, 255)));
    capture.write(frame(0, 'other', 'c2'));
    await capture.close();

    const { statistics, channels, schemas, chunks, messages, texts } = await readMcap(inFolder('a.mcap'));
    expect(statistics).toMatchObject({ messageCount: 8n, channelCount: 4, schemaCount: 1, chunkCount: 1 });
    expect(statistics?.messageStartTime).toBe(BigInt(START) * 1_000_000n);
    expect(chunks).toBe(1);
    expect(
      channels.map(({ topic, messageEncoding, schemaId, metadata }) => [
        topic,
        messageEncoding,
        schemaId,
        [...metadata.values()].join(),
      ]),
    ).toStrictEqual([
      ['/outcomes', 'json', 1, ''],
      ['/frames/text', 'json', 0, 'c1,1,0'],
      ['/frames/binary', 'application/octet-stream', 0, 'c1,2,0'],
      ['/frames/text', 'json', 0, 'c2,1,0'],
    ]);
    expect(schemas.map(({ name, encoding }) => [name, encoding])).toStrictEqual([['rxframe.Outcome', 'jsonschema']]);
    expect(JSON.parse(Buffer.from(schemas[0]!.data).toString())).toMatchObject({ type: 'object' });
    expect(texts('/frames/text').toSorted()).toStrictEqual(['other', '{', '{"n":0}']);
    const outcomes = texts('/outcomes').map((text) => JSON.parse(text) as { frameId: string });
    expect(outcomes.find(({ frameId }) => frameId === 'c1-1')).toStrictEqual({
      frameId: 'c1-1',
      outcome: 'rejected',
      byteLength: 1,
      checksum: 'none',
      timestamp: '2023-11-14T22:13:20.001Z',
      stage: 'decode',
      reason: 'malformed-json',
      issues: [{ message: 'not JSON' }],
    });
    // An outcome was published when its frame came, and logged when it was decided.
    const decided = messages.filter(({ channelId }) => channelId === 0);
    for (const { publishTime, logTime } of decided) {
      expect(logTime - publishTime).toBeGreaterThanOrEqual(0n);
      expect(logTime - publishTime).toBeLessThan(1_000_000_000n);
    }
  });

  it('makes a file for its owner only, and counts frames and bytes', async () => {
    const capture = captureFile(inFolder('a.mcap'));
    expect(statSync(inFolder('a.mcap')).mode & 0o777).toBe(0o600);
    capture.write(frame(0));
    await capture.close();
    capture.write(frame(1));
    expect(capture).toMatchObject({ files: [inFolder('a.mcap')], frames: 1, lost: 1 });
    expect(capture.bytes).toBe(statSync(inFolder('a.mcap')).size);
  });

  it('never writes to a file that is there', () => {
    writeFileSync(inFolder('a.mcap'), 'evidence');
    expect(() => captureFile(inFolder('a.mcap'))).toThrow(/can't be made: EEXIST/);
    expect(readFileSync(inFolder('a.mcap'), 'utf8')).toBe('evidence');
    expect(() => captureFile(inFolder('no/a.mcap'))).toThrow(/can't be made: ENOENT/);
  });

  it('writes within a second what has come, and at once what makes a chunk', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const capture = captureFile(inFolder('a.mcap'));
    await capture.flush();
    const empty = capture.bytes;
    capture.write(frame(0));
    await vi.advanceTimersByTimeAsync(999);
    expect(capture.bytes).toBe(empty);
    vi.advanceTimersByTime(1);
    await vi.waitUntil(() => capture.bytes > empty);
    const one = capture.bytes;
    capture.write(frame(1, new Uint8Array(512 * 1024)));
    await vi.waitUntil(() => capture.bytes > one + 512 * 1024);
    expect(vi.getTimerCount()).toBe(0);
    await capture.close();
  });

  it('goes on in a new file when one is full, each whole by itself, named in order', async () => {
    const capture = captureFile(inFolder('a.mcap'), { rotate: { bytes: 3_000 } });
    for (let sequence = 0; sequence < 20; sequence += 1) capture.write(frame(sequence, 'x'.repeat(500)));
    await capture.close();
    const names = readdirSync(inFolder());
    expect(names.length).toBeGreaterThan(5);
    for (const name of names.slice(0, -1)) expect(statSync(inFolder(name)).size).toBeGreaterThan(3_000);
    for (const name of names) expect(name).toMatch(/^a-\d{8}T\d{6}\.\d{3}Z\.mcap$/);
    expect(capture.files).toStrictEqual(names.map((name) => inFolder(name)));
    const all = await Promise.all(capture.files.map(readMcap));
    const frameMessages = all.flatMap(({ messages }) => messages.filter(({ channelId }) => channelId !== 0));
    expect(frameMessages.map(({ sequence }) => sequence)).toStrictEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(capture.bytes).toBe(capture.files.reduce((sum, path) => sum + statSync(path).size, 0));
  });

  it('ends a file after its time, and begins the next with the next frame', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const capture = captureFile(inFolder('a.mcap'), { rotate: { seconds: 60 } });
    capture.write(frame(0));
    vi.advanceTimersByTime(60_000);
    await vi.waitUntil(() => openFiles().length === 0);
    expect(capture.files).toHaveLength(1);
    expect((await readMcap(capture.files[0]!)).texts('/frames/text')).toStrictEqual(['{"n":0}']);
    vi.advanceTimersByTime(600_000);
    expect(capture.files).toHaveLength(1);
    capture.write(frame(1));
    await capture.close();
    expect(capture.files).toHaveLength(2);
    expect((await readMcap(capture.files[1]!)).texts('/frames/text')).toStrictEqual(['{"n":1}']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds the flow while the disk is behind, and lets it go when it has caught up', async () => {
    const flow = new Flow();
    const capture = captureFile(inFolder('a.mcap'), { flow });
    for (let sequence = 0; sequence < 4; sequence += 1) capture.write(frame(sequence, new Uint8Array(600 * 1024)));
    expect(flow.held).toBe(true);
    await vi.waitUntil(() => !flow.held);
    expect(capture.bytes).toBeGreaterThan(1_200 * 1024);
    for (let sequence = 4; sequence < 8; sequence += 1) capture.write(frame(sequence, new Uint8Array(600 * 1024)));
    expect(flow.held).toBe(true);
    await capture.close();
    expect(flow.held).toBe(false);
    expect(capture).toMatchObject({ frames: 8, lost: 0 });
  });

  it('holds the flow also where each file ends before it has a chunk', async () => {
    const flow = new Flow();
    const capture = captureFile(inFolder('a.mcap'), { flow, rotate: { bytes: 100 * 1024 } });
    for (let sequence = 0; sequence < 8; sequence += 1) capture.write(frame(sequence, new Uint8Array(200 * 1024)));
    expect(flow.held).toBe(true);
    await vi.waitUntil(() => !flow.held);
    await capture.close();
    expect(capture).toMatchObject({ frames: 8, lost: 0 });
  });

  it('loses what memory has no room for, counts it, and takes a frame that is larger than all of it', async () => {
    const capture = captureFile(inFolder('a.mcap'), { maxBufferedBytes: 1_000 });
    await capture.flush();
    capture.write(frame(0, new Uint8Array(5_000)));
    capture.write(frame(1));
    await capture.flush();
    capture.write(frame(2));
    await capture.close();
    expect(capture).toMatchObject({ frames: 2, lost: 1 });
    const { texts } = await readMcap(inFolder('a.mcap'));
    expect(texts('/frames/text')).toStrictEqual(['{"n":2}']);
  });

  it('says where a next file can not be made, once, counts what is lost by it, and goes on when it can', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    const errors: Error[] = [];
    const capture = captureFile(inFolder('a.mcap'), { rotate: { bytes: 1 }, onError: (error) => errors.push(error) });
    expect(capture.files).toStrictEqual([inFolder('a-20231114T221320.000Z.mcap')]);
    for (const millisecond of [1, 2]) writeFileSync(inFolder(`a-20231114T221320.00${millisecond}Z.mcap`), '');
    for (const sequence of [0, 1, 2, 3]) capture.write(frame(sequence));
    await capture.close();
    expect(errors).toMatchObject([{ code: 'EEXIST' }]);
    expect(capture).toMatchObject({ frames: 2, lost: 2 });
  });

  it('refuses a time that MCAP has not, before it has written any of the frame', async () => {
    const capture = captureFile(inFolder('a.mcap'));
    const at = (timestamp: number) => frames.raw('x', { connectionId: 'c', sequence: 0, timestamp, receivedAt: 0 });
    for (const timestamp of [-1, NaN, Infinity]) expect(() => capture.write(at(timestamp))).toThrow(RangeError);
    await capture.close();
    expect((await readMcap(inFolder('a.mcap'))).messages).toStrictEqual([]);
  });

  it.each<[unknown, unknown, string]>([
    ['', {}, 'RangeError: captureFile: path must be the path of a file, got ""'],
    ['x/', {}, 'RangeError: captureFile: path must be the path of a file, got "x/"'],
    [7, {}, 'TypeError: captureFile: path must be the path of a file, got 7'],
    [
      'x',
      { rotation: 1 },
      'TypeError: captureFile: there is no option "rotation"; there are rotate, flow, maxBufferedBytes, onError',
    ],
    ['x', { rotate: {} }, 'TypeError: captureFile: rotate needs bytes or seconds'],
    ['x', { rotate: { bytes: 0 } }, 'RangeError: captureFile: rotate.bytes must be a positive integer, got 0'],
    [
      'x',
      { rotate: { hours: 1 } },
      'TypeError: captureFile: rotate: there is no option "hours"; there are bytes, seconds',
    ],
    ['x', { flow: {} }, 'TypeError: captureFile: flow must be an object with a method hold(), got an object'],
    ['x', { maxBufferedBytes: 0 }, 'RangeError: captureFile: maxBufferedBytes must be a positive integer, got 0'],
    ['x', { onError: 1 }, 'TypeError: captureFile: onError must be a function, got 1'],
  ])('refuses %j with %j', (path, options, message) => {
    expect(() => captureFile(path as string, options as CaptureFileOptions)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });
});
