import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { openAppend } from '../../src/telemetry/open-append.ts';
import { pinoAuditSink, type PinoAuditSink, type PinoAuditSinkOptions } from '../../src/telemetry/pino-audit-sink.ts';
import { verifyAudit } from '../../src/telemetry/verify-audit.ts';
import { openFiles } from './open-files.ts';
import { record, writeAll } from './record.ts';
import { linesOf } from './tally.ts';

/** As where the process has no descriptor left. */
let openFails = false;
/** Told of the next file that is opened. */
let opened = () => {};
vi.mock('../../src/telemetry/open-append.ts', async (original) => {
  const real = (await original<{ openAppend: typeof openAppend }>()).openAppend;
  return {
    openAppend: (path: string) => {
      if (openFails) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
      const fd = real(path);
      opened();
      return fd;
    },
  };
});

const NOON = Date.parse('2026-01-31T12:00:00.000Z');
let folder = '';
let file = '';
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOON });
  openFails = false;
  opened = () => {};
  folder = mkdtempSync(join(tmpdir(), 'rxframe-rotation-'));
  file = join(folder, 'audit.ndjson');
});
afterEach(() => {
  vi.useRealTimers();
  expect(openFiles(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

const rotated = (rotate: PinoAuditSinkOptions['rotate'], more: Partial<PinoAuditSinkOptions> = {}): PinoAuditSink =>
  pinoAuditSink({ destination: file, rotate: rotate!, ...more });
const files = (inside = folder) => readdirSync(inside).sort();
/** The numbers of the records in the file with that name, or in all, in the order of their names. */
const sequences = (...names: string[]) =>
  (names.length === 0 ? files() : names)
    .flatMap((name) => linesOf(readFileSync(join(folder, name), 'utf8')))
    .map((line) => Number((line as { frameId: string }).frameId.slice(2)));
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

describe('pinoAuditSink with rotate', () => {
  it.each([false, true])(
    'begins another file before one grows too large, and tears and loses nothing: chain %s',
    async (chain) => {
      const sink = rotated({ bytes: 25_000 }, { chain });
      writeAll(sink, 1_000);
      await sink.flush();
      for (let sequence = 1_000; sequence < 1_060; sequence += 1) {
        sink.write(record(sequence));
        if (sequence % 7 === 0) await sink.flush();
      }
      await sink.close();
      expect(sequences()).toEqual(upTo(1_060));
      const sizes = files().map((name) => statSync(join(folder, name)).size);
      expect(sizes.length).toBeGreaterThan(5);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(25_000);
      // Each is full: the next line had no room.
      expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(24_600);
      expect(files().at(-1)).toBe('audit.ndjson');
      expect(files()[0]).toBe('audit.20260131T120000.000Z.ndjson');
      if (chain) {
        const paths = files().map((name) => join(folder, name));
        expect(await verifyAudit(paths, { expect: sink.lastHash! })).toMatchObject({ isWhole: true, records: 1_060 });
      }
    },
  );

  it('gives a record that is larger than a file may be one of its own', async () => {
    const sink = rotated({ bytes: 500 });
    sink.write(record(0));
    sink.write(record(1, { payload: 'x'.repeat(1_000) }));
    sink.write(record(2));
    await sink.close();
    expect(files().map((name) => sequences(name))).toEqual([[0], [1], [2]]);
  });

  it('goes on with a file that is there, and keeps to its size', async () => {
    for (const from of [0, 20]) {
      const sink = rotated({ bytes: 5_000 });
      writeAll(sink, 20, from);
      await sink.close();
    }
    expect(sequences()).toEqual(upTo(40));
    expect(files()).toHaveLength(2);
  });

  it('begins another file with the first record of each period', async () => {
    const sink = rotated({ seconds: 3_600 });
    writeAll(sink, 3);
    await sink.flush();
    vi.setSystemTime(NOON + 3_599_999);
    writeAll(sink, 3, 3);
    await sink.flush();
    expect(files()).toEqual(['audit.ndjson']);
    vi.setSystemTime(NOON + 3_600_000);
    writeAll(sink, 3, 6);
    await sink.flush();
    vi.setSystemTime(NOON + 5 * 3_600_000);
    writeAll(sink, 3, 9);
    await sink.close();
    expect(files()).toEqual(['audit.20260131T130000.000Z.ndjson', 'audit.20260131T170000.000Z.ndjson', 'audit.ndjson']);
    expect(files().map((name) => sequences(name).length)).toEqual([6, 3, 3]);
  });

  it('knows by its last change what period a file that is there is of', async () => {
    const first = rotated({ seconds: 86_400 });
    writeAll(first, 3);
    await first.close();
    for (const [time, count] of [
      [NOON - 3_600_000, 1],
      [NOON - 86_400_000, 2],
    ] as const) {
      utimesSync(file, time / 1_000, time / 1_000);
      const sink = rotated({ seconds: 86_400 });
      writeAll(sink, 3);
      await sink.close();
      expect(files()).toHaveLength(count);
    }
  });

  it('keeps as many finished files as it is told, and nothing but its own is deleted', async () => {
    const others = ['audit.1.ndjson', 'audit.20260131T120000.000Z.log', 'audit.20269931T120000.000Z.ndjson', 'audit'];
    for (const name of others) writeFileSync(join(folder, name), '');
    const sink = rotated({ bytes: 1_000, files: 2 });
    writeAll(sink, 50);
    await sink.close();
    const own = files().filter((name) => !others.includes(name));
    expect(own).toHaveLength(3);
    expect(sequences(...own)).toEqual(upTo(sequences(...own).length, 50 - sequences(...own).length));
    expect(files()).toEqual(expect.arrayContaining(others));
  });

  it('names files in order where the clock is set back, and never replaces one', async () => {
    const sink = rotated({ bytes: 200 });
    for (const [at, hour] of [0, -2, -1].entries()) {
      vi.setSystemTime(NOON + hour * 3_600_000);
      writeAll(sink, 2, at * 2);
      await sink.flush();
    }
    await sink.close();
    expect(files()).toHaveLength(6);
    expect(sequences()).toEqual(upTo(6));
  });

  it('writes the old file on where the next one cannot be made, tells of it once, and tries again', async () => {
    const errors: (string | undefined)[] = [];
    const sink = rotated(
      { bytes: 2_000 },
      { chain: true, onError: ({ code }: NodeJS.ErrnoException) => errors.push(code) },
    );
    writeAll(sink, 3);
    await sink.flush();
    openFails = true;
    for (let round = 0; round < 5; round += 1) {
      writeAll(sink, 10, 3 + round * 10);
      await sink.flush();
      vi.advanceTimersByTime(600);
    }
    expect(files()).toEqual(['audit.ndjson']);
    expect(errors).toEqual(['EMFILE']);
    openFails = false;
    vi.advanceTimersByTime(1_000);
    writeAll(sink, 5, 53);
    await sink.close();
    expect(sequences()).toEqual(upTo(58));
    expect(files()).toHaveLength(2);
    const paths = files().map((name) => join(folder, name));
    expect(await verifyAudit(paths, { expect: sink.lastHash! })).toMatchObject({ isWhole: true, records: 58 });
  });

  it('writes on where its folder is gone for a time, and takes a record from whoever is told', async () => {
    const inside = join(folder, 'logs');
    mkdirSync(inside);
    const errors: (string | undefined)[] = [];
    const onError = ({ code }: NodeJS.ErrnoException) => {
      errors.push(code);
      sink.write(record(33));
    };
    const sink: PinoAuditSink = pinoAuditSink({
      destination: join(inside, 'audit.ndjson'),
      rotate: { bytes: 500 },
      onError,
    });
    writeAll(sink, 3);
    await sink.flush();
    renameSync(inside, `${inside}.old`);
    sink.write(record(3));
    expect(errors).toEqual([]);
    await sink.flush();
    expect(errors).toEqual(['ENOENT']);
    // 33 is from whoever was told, which is not done in the middle of a write.
    await sink.flush();
    expect(sequences('logs.old/audit.ndjson')).toEqual([0, 1, 2, 3, 33]);
    renameSync(`${inside}.old`, inside);
    vi.advanceTimersByTime(1_000);
    writeAll(sink, 3, 4);
    await sink.close();
    expect(errors).toEqual(['ENOENT']);
    expect(sequences(...files(inside).map((name) => join('logs', name)))).toEqual([0, 1, 2, 3, 33, 4, 5, 6]);
  });

  it('writes to the next file once that is open, also where old ones cannot be looked for', async () => {
    const inside = join(folder, 'logs');
    mkdirSync(inside);
    const errors: (string | undefined)[] = [];
    const sink = pinoAuditSink({
      destination: join(inside, 'audit.ndjson'),
      rotate: { bytes: 500, files: 1 },
      onError: ({ code }: NodeJS.ErrnoException) => errors.push(code),
    });
    writeAll(sink, 3);
    await sink.flush();
    opened = () => renameSync(inside, `${inside}.old`);
    sink.write(record(3));
    await sink.close();
    expect({ errors, lost: sink.lost }).toEqual({ errors: ['ENOENT'], lost: 0 });
    expect(sequences('logs.old/audit.ndjson')).toEqual([3]);
  });

  it('begins its own file anew where another has moved it away', async () => {
    const sink = rotated({ bytes: 1_000 });
    writeAll(sink, 3);
    await sink.flush();
    renameSync(file, join(folder, 'audit.moved'));
    writeAll(sink, 7, 3);
    await sink.close();
    expect(files()[0]).toBe('audit.moved');
    expect(sequences('audit.moved')).toEqual(upTo(6));
    expect(sequences('audit.ndjson')).toEqual(upTo(4, 6));
  });

  it('rotates what a symbolic link points to', async () => {
    const target = join(folder, 'elsewhere');
    mkdirSync(target);
    symlinkSync(join(target, 'real.ndjson'), file);
    writeFileSync(file, '');
    const sink = rotated({ bytes: 1_000 });
    writeAll(sink, 20);
    await sink.close();
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(files()).toEqual(['audit.ndjson', 'elsewhere']);
    expect(files(target).length).toBeGreaterThan(2);
    expect(existsSync(join(target, 'real.20260131T120000.000Z.ndjson'))).toBe(true);
  });

  it.each([
    [{}, 'pinoAuditSink: rotate must say when: by bytes, by seconds, or both'],
    [{ bytes: 0 }, 'pinoAuditSink: rotate.bytes must be a positive integer, got 0'],
    [{ seconds: 0.5 }, 'pinoAuditSink: rotate.seconds must be a positive integer, got 0.5'],
    [{ bytes: 1, files: 0 }, 'pinoAuditSink: rotate.files must be a positive integer, got 0'],
    [{ size: 1 }, 'pinoAuditSink: rotate: there is no option "size"; there are bytes, seconds, files'],
  ])('fails at the call for %o', (rotate, message) => {
    expect(() => rotated(rotate as PinoAuditSinkOptions['rotate'])).toThrow(message);
    expect(() => pinoAuditSink({ destination: '/dev/null', rotate: { bytes: 1 } })).toThrow('need the path of a file');
  });
});
