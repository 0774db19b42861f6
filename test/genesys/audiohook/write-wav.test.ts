import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  concat,
  EMPTY,
  from,
  lastValueFrom,
  NEVER,
  Observable,
  of,
  startWith,
  Subject,
  take,
  throwError,
  toArray,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Flow } from '../../../operators/flow.ts';
import { RawFrame } from '../../../operators/frame.ts';
import { AudioFrame, type AudioPlace } from '../../../src/genesys/audiohook/audio-frame.ts';
import { wavHeader } from '../../../src/genesys/audiohook/wav-header.ts';
import { writeWav, type WavFile, type WriteWavOptions } from '../../../src/genesys/audiohook/write-wav.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxframe-wav-'));
  path = join(folder, 'call.wav');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  expect(openFiles(), 'files left open').toStrictEqual([]);
});

/** The files of this test that are open in this process. */
function openFiles(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .map((fd) => targetOf(`/proc/self/fd/${fd}`))
    .filter((target) => target.includes('rxframe-wav-'));
}

/** Where a link points; nowhere, where it is gone: the descriptor that the list itself was read through. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

const both = ['external', 'internal'] as const;
let sent = 0;
function audio(bytes: Uint8Array, place: Partial<AudioPlace> = {}): AudioFrame {
  const receipt = { isBinary: true, connectionId: 'c1', sequence: sent++, timestamp: 0, receivedAt: 0 };
  const message = new RawFrame({ rawData: bytes, ...receipt });
  return new AudioFrame(message, bytes, { format: 'PCMU', channels: ['external'], rate: 8000, position: 0, ...place });
}
const numbered = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);
const written = (source: Observable<AudioFrame>, options?: WriteWavOptions) =>
  lastValueFrom(source.pipe(writeWav(path, options), toArray()));
const failureOf = (result: Promise<unknown>) =>
  result.then(
    () => undefined,
    (error: unknown) => error,
  );

/** What a WAV file says of itself, chunk by chunk, read apart from the code that writes it. */
function readWav(file: Buffer) {
  const chunks = new Map<string, { readonly size: number; readonly content: Buffer }>();
  for (let at = 12; at < file.length;) {
    const size = file.readUInt32LE(at + 4);
    chunks.set(file.toString('latin1', at, at + 4), { size, content: file.subarray(at + 8, at + 8 + size) });
    at += 8 + size + (size % 2);
  }
  const format = chunks.get('fmt ')!.content;
  return {
    riff: [file.toString('latin1', 0, 4), file.readUInt32LE(4), file.toString('latin1', 8, 12)],
    names: [...chunks.keys()],
    tag: format.readUInt16LE(0),
    channels: format.readUInt16LE(2),
    rate: format.readUInt32LE(4),
    byteRate: format.readUInt32LE(8),
    blockBytes: format.readUInt16LE(12),
    bits: format.readUInt16LE(14),
    extension: [...format.subarray(16)],
    samples: chunks.get('fact')?.content.readUInt32LE(0),
    dataSize: chunks.get('data')!.size,
    data: chunks.get('data')!.content,
  };
}

describe('writeWav', () => {
  it('writes PCMU as a μ-law file, and says what it has written', async () => {
    const bytes = numbered(3200);
    const parts = [bytes.subarray(0, 1000), bytes.subarray(1000, 1002), bytes.subarray(1002)];
    const files = await written(from(parts.map((part) => audio(part, { channels: both }))));
    expect(files).toStrictEqual<WavFile[]>([{ path, format: 'PCMU', channels: both, samples: 1600, bytes: 3200 }]);
    const file = readFileSync(path);
    expect(readWav(file)).toStrictEqual({
      riff: ['RIFF', file.length - 8, 'WAVE'],
      names: ['fmt ', 'fact', 'data'],
      tag: 7,
      channels: 2,
      rate: 8000,
      byteRate: 16_000,
      blockBytes: 2,
      bits: 8,
      extension: [0, 0],
      samples: 1600,
      dataSize: 3200,
      data: Buffer.from(bytes),
    });
    expect(file).toHaveLength(58 + 3200);
  });

  it('writes L16 as a PCM file', async () => {
    const bytes = numbered(3200);
    const files = await written(of(audio(bytes, { format: 'L16', channels: both })));
    expect(files).toMatchObject([{ format: 'L16', samples: 800, bytes: 3200 }]);
    const file = readFileSync(path);
    expect(readWav(file)).toStrictEqual({
      riff: ['RIFF', file.length - 8, 'WAVE'],
      names: ['fmt ', 'data'],
      tag: 1,
      channels: 2,
      rate: 8000,
      byteRate: 32_000,
      blockBytes: 4,
      bits: 16,
      extension: [],
      samples: undefined,
      dataSize: 3200,
      data: Buffer.from(bytes),
    });
    expect(file).toHaveLength(44 + 3200);
  });

  it('makes the length of the file even, and does not count the byte that does', async () => {
    expect(await written(of(audio(numbered(3))))).toMatchObject([{ samples: 3, bytes: 3 }]);
    const file = readFileSync(path);
    expect(file).toHaveLength(58 + 4);
    expect(readWav(file)).toMatchObject({ riff: ['RIFF', file.length - 8, 'WAVE'], dataSize: 3, samples: 3 });
    expect(file[file.length - 1]).toBe(0);
  });

  it('makes no file where there is no audio', async () => {
    expect(await written(EMPTY)).toStrictEqual([]);
    const failure = new Error('cut');
    expect(await failureOf(written(throwError(() => failure)))).toBe(failure);
    NEVER.pipe(writeWav(path)).subscribe().unsubscribe();
    expect(readdirSync(folder)).toStrictEqual([]);
  });

  it('makes a file of empty audio', async () => {
    expect(await written(of(audio(new Uint8Array(0))))).toMatchObject([{ samples: 0, bytes: 0 }]);
    expect(readWav(readFileSync(path))).toMatchObject({ dataSize: 0, samples: 0 });
  });

  it('makes the file for its owner only', async () => {
    await written(of(audio(numbered(2))));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never writes to a file that exists', async () => {
    writeFileSync(path, 'precious');
    const source = new Subject<AudioFrame>();
    const failure = failureOf(written(source));
    source.next(audio(numbered(2)));
    expect(await failure).toMatchObject({ code: 'EEXIST', path });
    expect(source.observed).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it('makes no folder', async () => {
    path = join(folder, 'none', 'call.wav');
    expect(await failureOf(written(of(audio(numbered(2)))))).toMatchObject({ code: 'ENOENT' });
  });

  it('has on the disk what a reader can read to its end, at any time before it is closed', async () => {
    const source = new Subject<AudioFrame>();
    const files = written(source);
    source.next(audio(numbered(1000)));
    await vi.waitFor(() => expect(statSync(path).size).toBe(1058));
    const unfinished = readWav(readFileSync(path));
    expect(unfinished).toMatchObject({
      riff: ['RIFF', 0xffff_ffff, 'WAVE'],
      dataSize: 0xffff_ffff,
      samples: 0xffff_ffff,
    });
    expect(unfinished.data).toStrictEqual(Buffer.from(numbered(1000)));
    expect(openFiles()).toHaveLength(1);
    source.complete();
    await files;
    expect(readWav(readFileSync(path)).dataSize).toBe(1000);
  });

  it('gives its value when the file is closed, not before', async () => {
    let openThen: readonly string[] = [];
    const source = of(audio(numbered(2))).pipe(writeWav(path));
    await lastValueFrom(
      new Observable((subscriber) =>
        source.subscribe(() => {
          openThen = openFiles();
          subscriber.complete();
        }),
      ),
      { defaultValue: undefined },
    );
    expect(openThen).toStrictEqual([]);
    expect(readWav(readFileSync(path)).dataSize).toBe(2);
  });

  it('puts what comes during a write into one write after it', async () => {
    const probe = await open('/dev/null');
    const writev = vi.spyOn(Object.getPrototypeOf(probe) as typeof probe, 'writev');
    await probe.close();
    // More than the system takes in one call (IOV_MAX), which Node sees to.
    const frames = Array.from({ length: 5000 }, (_, index) => audio(Uint8Array.of(index % 256)));
    await written(from(frames));
    // And the header.
    expect(writev).toHaveBeenCalledTimes(2);
    expect(readWav(readFileSync(path)).data).toStrictEqual(
      Buffer.from(Uint8Array.from({ length: 5000 }, (_, index) => index % 256)),
    );
  });

  it('writes at most 16 MiB at once, and each piece once', async () => {
    const probe = await open('/dev/null');
    const writev = vi.spyOn(Object.getPrototypeOf(probe) as typeof probe, 'writev');
    await probe.close();
    const pieces = [7, 8, 3, 16, 1].map((mebibytes, index) => new Uint8Array(mebibytes * 1024 * 1024).fill(index));
    await written(from(pieces.map((piece) => audio(piece))));
    expect(writev.mock.calls.slice(-4).map(([buffers]) => buffers.length)).toStrictEqual([2, 1, 1, 1]);
    expect(readWav(readFileSync(path)).data.equals(Buffer.concat(pieces))).toBe(true);
  });

  it('goes on where the system cut a write short, in whichever piece', async () => {
    const probe = await open('/dev/null');
    const prototype = Object.getPrototypeOf(probe) as typeof probe;
    await probe.close();
    const writev = vi.spyOn(prototype, 'writev');
    for (const length of [58, 90, 30, 200]) {
      writev.mockImplementationOnce(async function (this: typeof probe, buffers) {
        const { bytesWritten } = await this.write(Buffer.concat(buffers as Uint8Array[]).subarray(0, length));
        return { bytesWritten, buffers };
      });
    }
    const parts = [numbered(90), numbered(200), new Uint8Array(0), numbered(50)];
    await written(from(parts.map((part) => audio(part))));
    expect(readWav(readFileSync(path)).data).toStrictEqual(Buffer.concat(parts));
    expect(writev).toHaveBeenCalledTimes(5);
  });

  it('goes on where the system cut a write short', async () => {
    const probe = await open('/dev/null');
    const prototype = Object.getPrototypeOf(probe) as typeof probe;
    await probe.close();
    vi.spyOn(prototype, 'writev').mockImplementationOnce(async function (this: typeof probe, buffers) {
      const { bytesWritten } = await this.write(Buffer.concat(buffers as Uint8Array[]).subarray(0, 158));
      return { bytesWritten, buffers };
    });
    await written(from([audio(numbered(90)), audio(numbered(200))]));
    expect(readWav(readFileSync(path)).data).toStrictEqual(Buffer.concat([numbered(90), numbered(200)]));
  });

  it.each<[string, Partial<AudioPlace>, string]>([
    ['another format', { format: 'L16' }, 'L16 external,internal'],
    ['other channels', { channels: ['external'] }, 'PCMU external'],
    ['another order of channels', { channels: ['internal', 'external'] }, 'PCMU internal,external'],
  ])('fails where a frame has %s, and finishes the file', async (_name, place, kind) => {
    const source = new Subject<AudioFrame>();
    const failure = failureOf(written(source));
    source.next(audio(numbered(4), { channels: both }));
    source.next(audio(numbered(4), { channels: both, ...place }));
    expect(source.observed).toBe(false);
    expect(await failure).toStrictEqual(
      new TypeError(`writeWav: a file has one kind of audio, PCMU external,internal; got ${kind}`),
    );
    expect(readWav(readFileSync(path)).data).toStrictEqual(Buffer.from(numbered(4)));
    expect(openFiles()).toStrictEqual([]);
  });

  it('stops a source that gives all it has at once, where a frame is of another kind', async () => {
    let pulled = 0;
    function* frames() {
      for (;;) yield audio(numbered(2), (pulled += 1) < 3 ? {} : { format: 'L16' });
    }
    expect(await failureOf(written(from(frames())))).toBeInstanceOf(TypeError);
    expect(pulled).toBe(3);
  });

  it("finishes the file first, where its source fails, and passes that one's error on", async () => {
    const failure = new Error('cut');
    const source = concat(
      of(audio(numbered(6))),
      throwError(() => failure),
    );
    let closedThen = false;
    const error = await failureOf(written(source).finally(() => (closedThen = openFiles().length === 0)));
    expect(error).toBe(failure);
    expect(closedThen).toBe(true);
    expect(readWav(readFileSync(path)).data).toStrictEqual(Buffer.from(numbered(6)));
  });

  it('finishes the file in the background after an unsubscription, with all that was taken', async () => {
    const flow = new Flow();
    const source = of(audio(numbered(2_000_000))).pipe((frames) => concat(frames, NEVER), writeWav(path, { flow }));
    const subscription = source.subscribe({ error: expect.unreachable, complete: expect.unreachable });
    expect(flow.held).toBe(true);
    subscription.unsubscribe();
    expect(flow.held).toBe(false);
    await vi.waitFor(() => {
      expect(statSync(path).size).toBe(2_000_058);
      expect(openFiles()).toStrictEqual([]);
    });
    expect(readWav(readFileSync(path))).toMatchObject({ dataSize: 2_000_000 });
    expect(flow.held).toBe(false);
  });

  it('is finished by take(1) of what stands before it, and gives nothing twice', async () => {
    const source = NEVER.pipe(startWith(audio(numbered(2))), take(1));
    expect(await written(source)).toHaveLength(1);
  });

  describe.runIf(process.platform === 'linux')('where the disk takes no more', () => {
    /** How large a file this process may write, in bytes: a write past it fails with EFBIG. */
    const limitFiles = (bytes: number | 'unlimited') =>
      execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
    afterEach(() => limitFiles('unlimited'));

    it('fails with the error of the system, and leaves a file with whole samples', async () => {
      limitFiles(44 + 1001);
      const source = of(audio(numbered(4000), { format: 'L16', channels: both })).pipe((one) => concat(one, NEVER));
      expect(await failureOf(written(source))).toMatchObject({ code: 'EFBIG' });
      expect(openFiles()).toStrictEqual([]);
      const file = readFileSync(path);
      expect(file).toHaveLength(44 + 1000);
      expect(readWav(file)).toMatchObject({ riff: ['RIFF', 1036, 'WAVE'], dataSize: 1000 });
    });

    it('fails where a later write is cut short too, and lets go of the flow', async () => {
      const flow = new Flow();
      limitFiles(58 + 1500);
      const source = new Subject<AudioFrame>();
      const failure = failureOf(written(source, { flow }));
      source.next(audio(numbered(1000)));
      await vi.waitFor(() => expect(statSync(path).size).toBe(1058));
      source.next(audio(numbered(1_100_000)));
      expect(flow.held).toBe(true);
      source.complete();
      expect(await failure).toMatchObject({ code: 'EFBIG' });
      expect(flow.held).toBe(false);
      expect(readWav(readFileSync(path)).dataSize).toBe(1500);
    });

    it('fails where not even the header fits', async () => {
      limitFiles(0);
      expect(await failureOf(written(of(audio(numbered(10)))))).toMatchObject({ code: 'EFBIG' });
      expect(openFiles()).toStrictEqual([]);
    });
  });

  describe('with a flow', () => {
    const MEBIBYTE = 1024 * 1024;

    it('holds it while more than 1 MiB waits, and not at 1 MiB', async () => {
      const flow = new Flow();
      const source = new Subject<AudioFrame>();
      const files = written(source, { flow });
      source.next(audio(new Uint8Array(MEBIBYTE)));
      expect(flow.held).toBe(false);
      source.next(audio(new Uint8Array(1)));
      expect(flow.held).toBe(true);
      source.complete();
      expect(await files).toMatchObject([{ bytes: MEBIBYTE + 1 }]);
      expect([flow.held, flow.releases]).toStrictEqual([false, 1]);
    });

    it.each([
      ['above half of it', MEBIBYTE / 2 + 1, 1],
      ['at half of it', MEBIBYTE / 2, 2],
    ])('releases it at half of it: %s', async (_name, waiting, writes) => {
      const flow = new Flow();
      const source = new Subject<AudioFrame>();
      let sizeThen = 0;
      flow.attach({ pause: () => undefined, resume: () => (sizeThen = statSync(path).size) });
      const files = written(source, { flow });
      source.next(audio(new Uint8Array(1)));
      await vi.waitFor(() => expect(statSync(path).size).toBe(59));
      source.next(audio(new Uint8Array(MEBIBYTE)));
      // The write of that begins here, and is not over before the next turn of the event loop.
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      source.next(audio(new Uint8Array(waiting)));
      expect(flow.held).toBe(true);
      await vi.waitFor(() => expect(flow.held).toBe(false));
      const first = 59 + MEBIBYTE;
      expect(sizeThen).toBe(writes === 2 ? first : first + waiting);
      source.complete();
      await files;
    });

    it('does not hold it again while it writes the rest after an unsubscription', async () => {
      const flow = new Flow();
      const source = new Subject<AudioFrame>();
      const subscription = source.pipe(writeWav(path, { flow })).subscribe();
      source.next(audio(new Uint8Array(1)));
      await vi.waitFor(() => expect(statSync(path).size).toBe(59));
      source.next(audio(new Uint8Array(MEBIBYTE)));
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
      source.next(audio(new Uint8Array(2 * MEBIBYTE)));
      subscription.unsubscribe();
      await vi.waitFor(() => expect(openFiles()).toStrictEqual([]));
      expect([flow.held, flow.releases]).toStrictEqual([false, 1]);
      expect(readWav(readFileSync(path)).dataSize).toBe(1 + 3 * MEBIBYTE);
    });
  });

  it.each<[unknown, unknown, string]>([
    [undefined, {}, 'TypeError: writeWav: path must be the path of a file, got undefined'],
    ['', {}, 'RangeError: writeWav: path must be the path of a file, got ""'],
    ['a.wav', { flow: {} }, 'TypeError: writeWav: flow must be an object with a method hold(), got an object'],
    ['a.wav', { append: true }, 'TypeError: writeWav: there is no option "append"; there are flow'],
  ])('refuses %o with %o', (given, options, message) => {
    expect(() => writeWav(given as string, options as WriteWavOptions)).toThrow(
      expect.toSatisfy((error) => String(error) === message),
    );
  });

  it('records many calls at a time, and leaves no file open', async () => {
    const calls = Array.from({ length: 100 }, (_, call) => {
      const frames = Array.from({ length: 20 }, () => audio(new Uint8Array(400).fill(call)));
      return lastValueFrom(from(frames).pipe(writeWav(join(folder, `${call}.wav`))));
    });
    const files = await Promise.all(calls);
    for (const [call, file] of files.entries()) {
      const { data } = readWav(readFileSync(file.path));
      expect(data.equals(Buffer.alloc(8000, call))).toBe(true);
    }
  });
});

describe('wavHeader', () => {
  const media = { format: 'L16', channels: both, rate: 8000 } as const;

  it('gives the largest sizes there are past 4 GiB', () => {
    const sizes = (samples: number) => {
      const header = wavHeader(media, samples);
      return [header.readUInt32LE(4), header.readUInt32LE(40)];
    };
    expect(sizes(2 ** 30 - 10)).toStrictEqual([2 ** 32 - 4, 2 ** 32 - 40]);
    expect(sizes(2 ** 30 - 1)).toStrictEqual([2 ** 32 - 1, 2 ** 32 - 4]);
    expect(sizes(2 ** 31)).toStrictEqual([2 ** 32 - 1, 2 ** 32 - 1]);
  });

  it('is as long for any number of samples', () => {
    expect(wavHeader(media, Infinity)).toHaveLength(wavHeader(media, 0).length);
  });
});
