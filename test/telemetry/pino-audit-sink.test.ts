import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../operators/audit-record.ts';
import { pinoAuditSink, type PinoAuditSink } from '../../src/telemetry/pino-audit-sink.ts';
import { auditProcess } from './audit-process.ts';
import { record } from './record.ts';
import { linesOf, tally } from './tally.ts';

let folder = '';
let file = '';
let openBefore: readonly string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxframe-audit-'));
  file = join(folder, 'audit.log');
  openBefore = openFiles();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  expect(openFiles()).toEqual(openBefore);
});

/** The files of this test that are open in this process. */
function openFiles(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .map((fd) => targetOf(`/proc/self/fd/${fd}`))
    .filter((target) => target.includes('rxframe-audit-') || target === '/dev/full');
}

/** Where a link points; nowhere, where it is gone: the descriptor that the list itself was read through. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return '';
  }
}

function writeAll(sink: PinoAuditSink, count: number, more: Partial<AuditRecord> = {}): void {
  for (let sequence = 0; sequence < count; sequence += 1) sink.write(record(sequence, more));
}

describe('pinoAuditSink', () => {
  it('writes one line of JSON for each record, with its level and without what pino adds', async () => {
    const sink = pinoAuditSink({ destination: file });
    const issues = [{ message: 'Unexpected end of JSON input' }];
    sink.write(record(1));
    sink.write(record(2, { outcome: 'rejected', stage: 'decode', reason: 'malformed-json', issues }));
    await sink.close();
    expect(readFileSync(file, 'utf8')).toBe(
      '{"level":30,"frameId":"1:1","outcome":"accepted","payloadType":"keepalive","byteLength":20,"checksum":"none","timestamp":"2026-01-31T12:00:00.000Z"}\n' +
        '{"level":40,"frameId":"1:2","outcome":"rejected","payloadType":"keepalive","byteLength":20,"checksum":"none","timestamp":"2026-01-31T12:00:00.000Z","stage":"decode","reason":"malformed-json","issues":[{"message":"Unexpected end of JSON input"}]}\n',
    );
    expect(sink.lost).toBe(0);
  });

  it('keeps a record on one line, whatever its payload and its strings contain', async () => {
    const nasty = 'a\nb\r\n\u0000\u001b[2J\u2028\u2029"\\ \ud800 😀';
    const sink = pinoAuditSink({ destination: file });
    sink.write(record(1, { payload: { [nasty]: [nasty] }, payloadType: nasty }));
    sink.write(record(2, { payload: JSON.parse('{"__proto__":{"level":60},"level":1,"msg":"x"}') as unknown }));
    await sink.close();
    const [first, second, ...others] = linesOf(readFileSync(file, 'utf8'));
    expect(first).toMatchObject({ payloadType: nasty, payload: { [nasty]: [nasty] } });
    expect(JSON.stringify(second)).toContain('"payload":{"__proto__":{"level":60},"level":1,"msg":"x"}');
    expect(others).toEqual([]);
  });

  it('escapes what a terminal would obey, in the same JSON', async () => {
    const nasty = '\u001b[2J\u009b2J\u0085\u202e\u200b\u2028\u{e0041}';
    const sink = pinoAuditSink({ destination: file });
    sink.write(record(1, { payload: { [nasty]: nasty } }));
    sink.write(record(2, { outcome: 'rejected', stage: 'mine', reason: 'odd', issues: [{ message: nasty }] }));
    await sink.close();
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^(?:\P{C}+\n){2}$/u);
    expect(text).not.toContain('\u2028');
    expect(linesOf(text)).toMatchObject([{ payload: { [nasty]: nasty } }, { issues: [{ message: nasty }] }]);
  });

  it('makes the file for its owner only, and appends to one that is there', async () => {
    for (const sequence of [1, 2]) {
      const sink = pinoAuditSink({ destination: file });
      sink.write(record(sequence));
      await sink.close();
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(linesOf(readFileSync(file, 'utf8'))).toMatchObject([{ frameId: '1:1' }, { frameId: '1:2' }]);
  });

  it('ends a line that a killed process left torn', async () => {
    writeFileSync(file, '{"level":30,"fra');
    const sink = pinoAuditSink({ destination: file });
    sink.write(record(1));
    await sink.close();
    const [torn, whole] = readFileSync(file, 'utf8').split('\n');
    expect(torn).toBe('{"level":30,"fra');
    expect(JSON.parse(whole!)).toMatchObject({ frameId: '1:1' });
  });

  it('has the records with the system when flush resolves', async () => {
    const sink = pinoAuditSink({ destination: file });
    writeAll(sink, 5_000);
    await sink.flush();
    expect(tally(readFileSync(file, 'utf8'))).toEqual({ records: 5_000, lost: 0 });
    await sink.close();
  });

  it('drops what does not fit, counts it, and says so in a record of its own', async () => {
    const sink = pinoAuditSink({ destination: file, maxBufferedBytes: 200_000 });
    writeAll(sink, 5_000);
    const lost = sink.lost;
    expect(lost).toBeGreaterThan(3_000);
    await sink.flush();
    sink.write(record(5_000));
    await sink.close();
    expect(sink.lost).toBe(lost);
    const written = readFileSync(file, 'utf8');
    expect(tally(written)).toEqual({ records: 5_001 - lost, lost });
    expect(linesOf(written).filter((line) => 'lost' in line)).toEqual([
      { level: 50, lost, timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string },
    ]);
    expect(Buffer.byteLength(written)).toBeLessThan(200_400);
  });

  it('counts its bound in bytes, not in characters', async () => {
    const sink = pinoAuditSink({ destination: file, maxBufferedBytes: 100_000 });
    sink.write(record(1, { payload: '€'.repeat(40_000) }));
    expect(sink.lost).toBe(1);
    await sink.close();
    expect(tally(readFileSync(file, 'utf8'))).toEqual({ records: 0, lost: 1 });
  });

  it('refuses nothing and writes nothing after close, which may be called again: what comes then is lost', async () => {
    const sink = pinoAuditSink({ destination: file });
    sink.write(record(1));
    const closed = sink.close();
    sink.write(record(2));
    expect(sink.close()).toBe(closed);
    await closed;
    sink.write(record(3));
    await sink.flush();
    await sink.close();
    expect(sink.lost).toBe(2);
    expect(linesOf(readFileSync(file, 'utf8'))).toMatchObject([{ frameId: '1:1' }, { lost: 1 }]);
  });

  it('writes to a descriptor, and leaves it open', async () => {
    const fd = openSync(file, 'a');
    const sink = pinoAuditSink({ destination: fd });
    sink.write(record(1));
    await sink.close();
    appendFileSync(fd, 'still open');
    closeSync(fd);
    expect(readFileSync(file, 'utf8')).toMatch(/"1:1".*\nstill open$/);
  });

  it('fails at the call where the destination cannot be opened', () => {
    const missing = join(folder, 'missing', 'audit.log');
    expect(() => pinoAuditSink({ destination: missing })).toThrow(
      `pinoAuditSink: ${missing} can't be opened: ENOENT: no such file or directory`,
    );
    expect(() => pinoAuditSink({ destination: folder })).toThrow('EISDIR');
    expect(() => pinoAuditSink({ destination: 99_999 })).toThrow("pinoAuditSink: 99999 can't be opened: EBADF");
  });

  it.each([
    [{ destination: '' }, 'pinoAuditSink: destination must be the path of a file or a file descriptor, got ""'],
    [{ destination: -1 }, 'pinoAuditSink: destination must be the path of a file or a file descriptor, got -1'],
    [{ destination: {} }, 'pinoAuditSink: destination must be the path of a file or a file descriptor, got an object'],
    [{ destination: 1, maxBufferedBytes: 0 }, 'pinoAuditSink: maxBufferedBytes must be a positive integer, got 0'],
    [{ destination: 1, closeTimeout: 0 }, 'pinoAuditSink: closeTimeout must be a number of milliseconds'],
    [{ destination: 1, onError: 1 }, 'pinoAuditSink: onError must be a function, got 1'],
    [{ destination: 1, file: 'x' }, 'pinoAuditSink: there is no option "file"'],
  ])('fails at the call for %o', (options, message) => {
    expect(() => pinoAuditSink(options as unknown as Parameters<typeof pinoAuditSink>[0])).toThrow(message);
  });
});

describe.runIf(process.platform === 'linux')('pinoAuditSink on a destination that fails', () => {
  it('keeps going on a full disk, tells of it once, and counts what is lost at close', async () => {
    const errors: Error[] = [];
    const sink = pinoAuditSink({ destination: '/dev/full', onError: (error) => errors.push(error) });
    writeAll(sink, 1_000);
    await expect(sink.flush()).rejects.toThrow('ENOSPC');
    await expect(sink.flush()).rejects.toThrow('ENOSPC');
    expect(sink.lost).toBe(0);
    writeAll(sink, 1_000);
    await sink.close();
    expect(sink.lost).toBe(2_000);
    expect(errors).toMatchObject([{ code: 'ENOSPC' }]);
  });

  it('takes the torn line back where the disk fills up in the middle of it', async () => {
    const { lost, errors } = await auditProcess(file, 'fill', 64);
    expect(errors).toEqual(['EFBIG']);
    const written = readFileSync(file, 'utf8');
    expect(statSync(file).size).toBeGreaterThan(64 * 1024 - 200);
    expect(written.endsWith('\n')).toBe(true);
    expect(tally(written)).toEqual({ records: 5_000 - lost, lost: 0 });
  });

  it('goes on in the middle of the line as soon as the disk has room again, and says what was lost meanwhile', async () => {
    const { lost, errors } = await auditProcess(file, 'recover', 64);
    expect(errors).toEqual(['EFBIG']);
    expect(lost).toBeGreaterThan(0);
    expect(tally(readFileSync(file, 'utf8'))).toEqual({ records: 5_000 - lost, lost });
  });

  it('starts a torn line anew where the file was truncated under it', async () => {
    const { lost, errors } = await auditProcess(file, 'rotate', 64);
    expect(lost).toBe(0);
    const copies = errors.map((_, copy) => readFileSync(`${file}.${copy + 1}`, 'utf8'));
    expect(copies.length).toBeGreaterThan(5);
    expect(copies.some((copy) => !copy.endsWith('\n'))).toBe(true);
    const whole = copies.map((copy) => copy.slice(0, copy.lastIndexOf('\n') + 1));
    const records = linesOf(whole.join('') + readFileSync(file, 'utf8'));
    expect(records.map((one) => (one as AuditRecord).frameId)).toEqual(
      Array.from({ length: 5_000 }, (_, sequence) => `1:${sequence}`),
    );
  });

  it('takes the torn line back in a file that was truncated before', async () => {
    const { lost, errors } = await auditProcess(file, 'truncate', 64);
    expect(errors).toEqual(['EFBIG']);
    expect(tally(readFileSync(file, 'utf8'))).toEqual({ records: 4_900 - lost, lost: 0 });
  });

  it('has whole lines only when its process was killed, up to the last', async () => {
    await auditProcess(file, 'killed');
    const sink = pinoAuditSink({ destination: file });
    sink.write(record(1, { frameId: randomUUID() }));
    await sink.close();
    const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
    const unreadable = rows.filter((row) => !isJson(row));
    expect(rows.length).toBeGreaterThan(1_000);
    expect(unreadable.length).toBeLessThanOrEqual(1);
    expect(unreadable).toEqual(rows.slice(-2, -1).filter((row) => !isJson(row)));
  });

  it('lets its process end, after close and on a failing disk without', async () => {
    expect(await auditProcess(file, 'close')).toEqual({ lost: 0, errors: [] });
    expect(await auditProcess('/dev/full', 'forgotten')).toEqual({ lost: 0, errors: ['ENOSPC'] });
  });
});

describe.runIf(process.platform === 'linux')('pinoAuditSink on a pipe', () => {
  let reader = -1;
  beforeEach(() => {
    execFileSync('mkfifo', [file]);
  });
  const openReader = () => (reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK));

  it('fails at the call where nobody reads', () => {
    expect(() => pinoAuditSink({ destination: file })).toThrow('ENXIO');
  });

  it('neither blocks nor grows while the reader does not read, and writes whole lines when it does', async () => {
    openReader();
    const errors: Error[] = [];
    const sink = pinoAuditSink({
      destination: file,
      maxBufferedBytes: 300_000,
      onError: (error) => errors.push(error),
    });
    writeAll(sink, 10_000);
    const atFirst = sink.lost;
    expect(atFirst).toBeGreaterThan(0);
    const socket = new Socket({ fd: reader, readable: true, writable: false });
    const received = text(socket);
    await sink.flush();
    writeAll(sink, 10_000);
    await sink.close();
    expect(sink.lost).toBeGreaterThan(atFirst);
    expect(tally(await received)).toEqual({ records: 20_000 - sink.lost, lost: sink.lost });
    expect(errors).toEqual([]);
  });

  it('gives up at close after closeTimeout, and counts what the pipe did not take', async () => {
    openReader();
    const errors: Error[] = [];
    const sink = pinoAuditSink({ destination: file, closeTimeout: 30, onError: (error) => errors.push(error) });
    writeAll(sink, 10_000);
    await sink.close();
    expect(errors).toEqual([]);
    const piped = Buffer.alloc(1024 * 1024);
    const length = readSync(reader, piped);
    expect(readSync(reader, piped, length, 1, null)).toBe(0);
    closeSync(reader);
    const written = piped.toString('utf8', 0, length);
    const whole = written.slice(0, written.lastIndexOf('\n') + 1);
    expect(whole.length).toBeGreaterThan(0);
    expect(tally(whole)).toEqual({ records: 10_000 - sink.lost, lost: 0 });
  });

  it('survives a reader that goes away', async () => {
    openReader();
    const errors: Error[] = [];
    const sink = pinoAuditSink({ destination: file, onError: (error) => errors.push(error) });
    closeSync(reader);
    writeAll(sink, 100);
    await expect(sink.flush()).rejects.toThrow('EPIPE');
    await sink.close();
    expect(sink.lost).toBe(100);
    expect(errors).toMatchObject([{ code: 'EPIPE' }]);
  });
});

describe('rxframe/node', () => {
  it('exports the sink', async () => {
    expect((await import('../../src/node.ts')).pinoAuditSink).toBe(pinoAuditSink);
    expect(readdirSync(folder)).toEqual([]);
  });
});

function isJson(row: string): boolean {
  try {
    JSON.parse(row);
    return true;
  } catch {
    return false;
  }
}
