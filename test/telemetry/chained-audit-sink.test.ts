import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pinoAuditSink, type PinoAuditSink } from '../../src/telemetry/pino-audit-sink.ts';
import { verifyAudit } from '../../src/telemetry/verify-audit.ts';
import { openFiles } from './open-files.ts';
import { plainChain } from './plain-chain.ts';
import { record, writeAll } from './record.ts';
import { linesOf, tally } from './tally.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxframe-chain-'));
  file = join(folder, 'audit.ndjson');
});
afterEach(() => {
  expect(openFiles(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

const chained = (more: { readonly maxBufferedBytes?: number } = {}): PinoAuditSink =>
  pinoAuditSink({ destination: file, chain: true, ...more });
const log = () => readFileSync(file, 'utf8');

describe('pinoAuditSink with chain', () => {
  it('links each record to the one before, as the documentation says, over several runs', async () => {
    const lastHashes: (string | undefined)[] = [];
    for (const run of [0, 1, 2]) {
      const sink = chained();
      writeAll(sink, 3, run * 3);
      sink.write(record(9, { payload: '€ 😀 \ud800 \u2028 ,"hash":"' }));
      await sink.close();
      lastHashes.push(sink.lastHash);
      expect(plainChain(log())).toBe(sink.lastHash);
    }
    expect(new Set(lastHashes).size).toBe(3);
    for (const expect_ of lastHashes) {
      expect(await verifyAudit(file, { expect: expect_! })).toMatchObject({ isWhole: true, records: 12 });
    }
  });

  it('has the hash of the last record that is written, not of those that wait', async () => {
    const sink = chained();
    expect(sink.lastHash).toBe('0'.repeat(64));
    writeAll(sink, 1);
    await sink.flush();
    expect(sink.lastHash).toBe(plainChain(log()));
    const before = sink.lastHash;
    sink.write(record(1));
    expect(sink.lastHash).toBe(before);
    await sink.close();
    expect(sink.lastHash).toBe(plainChain(log()));
    const again = chained();
    expect(again.lastHash).toBe(sink.lastHash);
    await again.close();
    const other = pinoAuditSink({ destination: join(folder, 'other') });
    expect(other.lastHash).toBeUndefined();
    await other.close();
  });

  it('says in its place what was lost, and does not hash it', async () => {
    const sink = chained({ maxBufferedBytes: 20_000 });
    for (let round = 0; round < 3; round += 1) {
      writeAll(sink, 100, round * 100);
      await sink.flush();
    }
    await sink.close();
    expect(sink.lost).toBeGreaterThan(0);
    expect(tally(log())).toEqual({ records: 300 - sink.lost, lost: sink.lost });
    expect(plainChain(log())).toBe(sink.lastHash);
    expect(await verifyAudit(file)).toMatchObject({ isWhole: true, lost: sink.lost });
    const places = log()
      .split('\n')
      .flatMap((line, at) => (line.includes('"lost"') ? [at] : []));
    expect(places).toHaveLength(3);
  });

  it('says what was lost before what came later', async () => {
    const sink = chained({ maxBufferedBytes: 1_000 });
    sink.write(record(0));
    sink.write(record(1, { payload: 'x'.repeat(1_000) }));
    sink.write(record(2));
    sink.write(record(3, { payload: 'x'.repeat(1_000) }));
    await sink.close();
    expect(linesOf(log())).toMatchObject([{ frameId: '1:0' }, { lost: 1 }, { frameId: '1:2' }, { lost: 1 }]);
    expect(plainChain(log())).toBe(sink.lastHash);
  });

  it('counts its bound with the links', async () => {
    const sink = chained({ maxBufferedBytes: 300 });
    sink.write(record(0));
    await sink.close();
    expect(tally(log())).toEqual({ records: 0, lost: 1 });
  });

  it.each([1, 40, 90, 180])('goes on behind a torn line of %i bytes, and vouches for it', async (length) => {
    const first = chained();
    writeAll(first, 5);
    await first.close();
    const size = statSync(file).size;
    const line = log().split('\n')[4]!;
    truncateSync(file, size - line.length - 1 + length);
    expect((await verifyAudit(file)).faults).toMatchObject([{ kind: 'truncated', line: 5 }]);
    const second = chained();
    await second.flush();
    writeAll(second, 2);
    await second.close();
    expect(await verifyAudit(file, { expect: second.lastHash! })).toMatchObject({
      isWhole: true,
      torn: [{ line: 5, byteLength: length }],
      records: 7,
    });
    expect(plainChain(log(), [line.slice(0, length)])).toBe(second.lastHash);
    expect(second.lost).toBe(0);
  });

  it('needs nothing but its newline for a record that is whole', async () => {
    const first = chained();
    writeAll(first, 2);
    await first.close();
    truncateSync(file, statSync(file).size - 1);
    const second = chained();
    writeAll(second, 1);
    await second.close();
    expect(await verifyAudit(file)).toMatchObject({ isWhole: true, records: 3, torn: [] });
  });

  it('finds the last record behind a long torn line', async () => {
    const first = chained();
    writeAll(first, 2);
    await first.close();
    appendFileSync(file, 'x'.repeat(300_000));
    const second = chained();
    writeAll(second, 1);
    await second.close();
    expect(await verifyAudit(file)).toMatchObject({ isWhole: true, torn: [{ byteLength: 300_000 }] });
  });

  it('goes on from a record of megabytes, and verifies it', async () => {
    for (const run of [0, 1]) {
      const sink = chained();
      writeAll(sink, 2, run * 3);
      sink.write(record(run * 3 + 2, { payload: 'x'.repeat(2_500_000) }));
      await sink.close();
    }
    expect(await verifyAudit(file)).toMatchObject({ isWhole: true, records: 6, torn: [] });
    const text = log();
    writeFileSync(file, text.replace('xxx', 'xyx'));
    const offset = text.indexOf('\n', text.indexOf('\n') + 1) + 1;
    expect((await verifyAudit(file)).faults).toMatchObject([{ kind: 'changed', line: 3, offset }]);
  });

  it('hides no changed record as a torn line', async () => {
    const first = chained();
    writeAll(first, 3);
    await first.close();
    writeFileSync(file, log().replace('"1:2"', '"1:7"'));
    const second = chained();
    writeAll(second, 1);
    await second.close();
    expect((await verifyAudit(file)).faults).toMatchObject([{ kind: 'changed', line: 3 }]);
    // Nor does the chain go on from it.
    expect(linesOf(log())[3]).toMatchObject({ seq: 3, frameId: '1:0' });
  });

  it.each([
    [['{"level":30,"frameId":"1:7"}\n'], 'a line that is no record of the chain'],
    [['x\n', '{"level":30}\n', '\n'], '3 lines, from this one on, that are no records of the chain'],
    [['x\n', '{"level":30}\n', '{"lev'], '2 lines, from this one on, that are no records of the chain'],
  ])('vouches for no whole line of another, only for an unfinished one: %j', async (foreign, message) => {
    const first = chained();
    writeAll(first, 3);
    await first.close();
    appendFileSync(file, foreign.join(''));
    const second = chained();
    writeAll(second, 2);
    await second.close();
    const { faults, torn, records } = await verifyAudit(file, { expect: second.lastHash! });
    expect(faults).toMatchObject([{ kind: 'changed', line: 4, message }]);
    const isUnfinished = foreign.length === 3 && foreign[2] !== '\n';
    expect(torn).toMatchObject(isUnfinished ? [{ line: 6, byteLength: 5 }] : []);
    expect(records).toBe(isUnfinished ? 6 : 5);
  });

  it('vouches for an unfinished line at once, in the same write that ends it', async () => {
    const first = chained();
    writeAll(first, 3);
    await first.close();
    appendFileSync(file, '{"level":30');
    const second = chained();
    // As it stands where a process is killed before anything else is written.
    const verdict = await verifyAudit(file, { expect: second.lastHash! });
    expect(verdict).toMatchObject({ isWhole: true, records: 4, torn: [{ line: 4, byteLength: 11 }] });
    await second.close();
  });

  it('is not left out on a file that has a chain: the file stays as it is', async () => {
    const first = chained();
    writeAll(first, 3);
    await first.close();
    appendFileSync(file, '{"level":30');
    const before = log();
    expect(() => pinoAuditSink({ destination: file })).toThrow(
      `pinoAuditSink: ${file} can't be opened: its records are chained; chain these too`,
    );
    expect(log()).toBe(before);
  });

  it.each(['{', '{"level":30,"frameId":"1:7"'])(
    'goes on where all that is in its file is a torn line: %s',
    async (torn) => {
      const first = chained();
      writeAll(first, 3);
      await first.close();
      const finished = join(folder, 'audit.20260131T120000.000Z.ndjson');
      renameSync(file, finished);
      writeFileSync(file, torn);
      const second = chained();
      expect(linesOf(log().slice(torn.length + 1))).toMatchObject([{ torn: {}, seq: 4, prev: first.lastHash }]);
      writeAll(second, 1);
      await second.close();
      expect(await verifyAudit([file, finished], { expect: second.lastHash! })).toMatchObject({
        isWhole: true,
        records: 5,
        torn: [{ file, line: 1, byteLength: torn.length }],
      });
    },
  );

  it('goes on from the last finished file, where its own is new', async () => {
    const first = chained();
    writeAll(first, 3);
    await first.close();
    const finished = join(folder, 'audit.20260131T120000.000Z.ndjson');
    renameSync(file, finished);
    const second = chained();
    expect(second.lastHash).toBe(first.lastHash);
    writeAll(second, 1);
    await second.close();
    expect(await verifyAudit([file, finished])).toMatchObject({ isWhole: true, records: 4 });
  });

  it('takes no file with records that are not chained, and no destination that is no file', async () => {
    const plain = pinoAuditSink({ destination: file });
    writeAll(plain, 1);
    await plain.close();
    expect(() => chained()).toThrow(
      `pinoAuditSink: ${file} can't be opened: it has records that are not chained; begin another file`,
    );
    for (const text of ['notes\n', '{"a":1}\n{"b', '\n']) {
      writeFileSync(file, text);
      expect(() => chained()).toThrow('it has records that are not chained');
    }
    const needs = 'rotate and chain need the path of a file';
    expect(() => pinoAuditSink({ destination: 1, chain: true })).toThrow(needs);
    expect(() => pinoAuditSink({ destination: '/dev/null', chain: true })).toThrow(needs);
    expect(() => pinoAuditSink({ destination: file, chain: 1 as unknown as boolean })).toThrow('chain must be true or');
  });
});
