import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pinoAuditSink } from '../../src/telemetry/pino-audit-sink.ts';
import { verifyAudit, type VerifyAuditOptions, type VerifyAuditProgress } from '../../src/telemetry/verify-audit.ts';
import { record, writeAll } from './record.ts';

const folder = mkdtempSync(join(tmpdir(), 'rxframe-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of a log with a torn line in it, which a killed process left, and a line about lost records. */
let lines: readonly string[] = [];
let lastHash = '';
const TORN = 8;
const TOLD = 9;

beforeAll(async () => {
  const file = join(folder, 'whole.ndjson');
  const first = pinoAuditSink({ destination: file, chain: true });
  writeAll(first, 4);
  first.write(record(4, { payload: { text: 'a\nb \ud800 € 😀 ,"seq":1,"prev":"x"' } }));
  writeAll(first, 3, 5);
  first.write(record(8));
  await first.close();
  truncateSync(file, statSync(file).size - 80);
  const second = pinoAuditSink({ destination: file, chain: true, maxBufferedBytes: 2_000 });
  writeAll(second, 12, 9);
  await second.flush();
  writeAll(second, 2, 21);
  await second.close();
  lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  lastHash = second.lastHash!;
});

const textOf = (some: readonly string[]) => some.map((line) => `${line}\n`).join('');
const FILE = join(folder, 'audit.ndjson');

function verified(text: string | Uint8Array, options?: VerifyAuditOptions) {
  writeFileSync(FILE, text);
  return verifyAudit(FILE, options);
}

/** The kinds of the faults and their lines. */
async function faultsIn(
  text: string | Uint8Array,
  options?: VerifyAuditOptions,
): Promise<(readonly [string, number])[]> {
  const { faults, isWhole } = await verified(text, options);
  expect(isWhole).toBe(faults.length === 0);
  return faults.map(({ kind, line }) => [kind, line] as const);
}

const runs = { numRuns: 40 };
const place = () => fc.nat({ max: lines.length - 1 });

describe('verifyAudit', () => {
  it('finds nothing in a log as it was written, and says what is in it', async () => {
    const verdict = await verified(textOf(lines), { expect: lastHash });
    expect(verdict).toMatchObject({ isWhole: true, files: [FILE], firstSeq: 1, lastHash, faults: [], faultCount: 0 });
    expect(verdict.records).toBe(lines.length - 1);
    expect(verdict.lastSeq).toBe(lines.length - 1);
    expect(verdict.lost).toBeGreaterThan(0);
    expect(verdict.bytes).toBe(statSync(FILE).size);
    const offset = Buffer.byteLength(textOf(lines.slice(0, TORN)));
    expect(verdict.torn).toEqual([{ file: FILE, line: TORN + 1, offset, byteLength: lines[TORN]!.length }]);
    expect(lines[TOLD]).toContain('"torn":{');
  });

  it('finds any byte that is changed, and in which line', async () => {
    const bytes = Buffer.from(textOf(lines));
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([at, difference]) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at]! + difference) % 256;
        const line = bytes.subarray(0, at).filter((byte) => byte === 10).length + 1;
        const [first] = await faultsIn(changed);
        // A changed record vouches for no torn line: the fault begins there.
        const place = line === TOLD + 1 ? TORN + 1 : line;
        expect(first).toEqual([at === bytes.length - 1 ? 'truncated' : 'changed', place]);
      }),
      { numRuns: 150 },
    );
  });

  it('finds any line that is removed: where the last one is, by what is expected', async () => {
    await fc.assert(
      fc.asyncProperty(place(), async (at) => {
        const faults = await faultsIn(textOf(lines.toSpliced(at, 1)), { expect: lastHash });
        if (at === lines.length - 1) expect(faults).toEqual([['unanchored', at]]);
        // The torn line stands without the record that vouches for it.
        else if (at === TOLD) expect(faults).toEqual([['changed', at]]);
        // The next record is the one behind the torn line.
        else expect(faults).toEqual([['missing', at === TORN - 1 ? at + 2 : at + 1]]);
      }),
      runs,
    );
  });

  it('tells two records that are swapped from missing ones', async () => {
    const records = lines.slice(0, TORN);
    const pair = fc.uniqueArray(fc.nat({ max: TORN - 1 }), { minLength: 2, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(pair, async (some) => {
        const [one = 0, other = 0] = some.sort((a, b) => a - b);
        const swapped = records.with(one, records[other]!).with(other, records[one]!);
        const faults = await faultsIn(textOf(swapped));
        // All between the two stand behind the later one.
        expect(faults).toEqual(Array.from({ length: other - one }, (_, step) => ['reordered', one + step + 2]));
      }),
      runs,
    );
  });

  it('finds a record that stands there twice', async () => {
    const records = lines.slice(0, TORN);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: TORN - 1 }), fc.nat({ max: TORN }), async (at, to) => {
        const faults = await faultsIn(textOf(records.toSpliced(to, 0, records[at]!)));
        expect(faults.filter(([kind]) => kind !== 'reordered')).toEqual([['repeated', Math.max(at + 1, to) + 1]]);
      }),
      runs,
    );
  });

  it('finds a tail that is cut off at any byte, where a hash is expected; a torn end without', async () => {
    const bytes = Buffer.from(textOf(lines));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), async (length) => {
        const cut = bytes.subarray(0, length);
        const isTorn = length > 0 && cut.at(-1) !== 10;
        fc.pre(length > lines[0]!.length);
        const last = cut.filter((byte) => byte === 10).length + (isTorn ? 1 : 0);
        const isOpenTorn = last === TORN + 1;
        const withHash = await faultsIn(cut, { expect: lastHash });
        // Without its newline, the last record is there all the same.
        const kind = length === bytes.length - 1 ? 'truncated' : 'unanchored';
        expect(withHash.at(-1)).toEqual([kind, last]);
        const without = await faultsIn(cut);
        expect(without.length > 0).toBe(isTorn || isOpenTorn);
      }),
      runs,
    );
  });

  it('finds a record that was replaced, with a hash that fits it', async () => {
    const other = join(folder, 'other.ndjson');
    const sink = pinoAuditSink({ destination: other, chain: true });
    writeAll(sink, 3);
    sink.write(record(99));
    await sink.close();
    const forged = readFileSync(other, 'utf8').split('\n')[3]!;
    expect(await faultsIn(textOf(lines.with(3, forged)))).toEqual([['changed', 4]]);
  });

  it('finds where another chain begins, and follows it', async () => {
    const other = join(folder, 'second.ndjson');
    const sink = pinoAuditSink({ destination: other, chain: true });
    writeAll(sink, 3, 50);
    await sink.close();
    const text = textOf(lines) + readFileSync(other, 'utf8');
    expect(await faultsIn(text, { expect: sink.lastHash! })).toEqual([['restarted', lines.length + 1]]);
  });

  it('goes on after each fault, and finds many', async () => {
    const text = textOf([...lines.slice(0, 2), 'nonsense', ...lines.slice(2, 4), ...lines.slice(5, 7), lines[8]!, '']);
    expect(await faultsIn(text)).toEqual([
      ['changed', 3],
      ['missing', 6],
      ['changed', 8],
    ]);
    const faults = await faultsIn(textOf([lines[0]!, ...Array.from({ length: 300 }, () => [lines[1]!, 'x']).flat()]));
    expect(faults).toHaveLength(100);
    expect((await verifyAudit(FILE)).faultCount).toBe(299 + 300);
  });

  it('is not led astray by lines that are hashed, but not ours', async () => {
    const { hash } = await import('node:crypto');
    const linked = (content: string) => {
      const hashed = `${content},"seq":1,"prev":"${'0'.repeat(64)}"`;
      return `${hashed},"hash":"${hash('sha256', hashed)}"}\n`;
    };
    const told = [
      '"torn":7',
      '"torn":',
      '"torn":null',
      '"torn":{"byteLength":"\\u001b[31m"}',
      '"torn":{"byteLength":-1}',
    ];
    for (const content of [...told, '"lost":"many"', '"lost":-1', '"lost":0.5', '"lost":1e999', 'x'])
      expect(await verified(linked(`{"level":50,${content}`))).toMatchObject({ isWhole: true, records: 1, lost: 0 });
  });

  it('takes the files of a log in the order of their records, and may begin in the middle', async () => {
    const parts = [0, 5, 12].map((from, at, all) => {
      const path = join(folder, `part-${'cab'[at]!}`);
      writeFileSync(path, textOf(lines.slice(from, all[at + 1])));
      return path;
    });
    const [first = '', second = '', third = ''] = parts;
    const empty = join(folder, 'part-empty');
    writeFileSync(empty, '');
    const verdict = await verifyAudit([second, empty, third, first], { expect: lastHash });
    expect(verdict).toMatchObject({ isWhole: true, files: [first, second, third, empty], records: lines.length - 1 });
    expect(await verifyAudit([third, second], { part: true })).toMatchObject({ isWhole: true, firstSeq: 6 });
    const { faults } = await verifyAudit([third, second]);
    expect(faults).toEqual([
      { kind: 'missing', file: second, line: 1, offset: 0, message: 'records 1 to 5 are missing before this line' },
    ]);
    expect((await verifyAudit([first, third])).faults).toMatchObject([{ kind: 'missing', file: third, line: 1 }]);
    writeFileSync(first, textOf(lines.slice(0, 5).toSpliced(2, 1)));
    writeFileSync(second, textOf(['x', ...lines.slice(5, 12)]));
    expect((await verifyAudit(parts)).faults).toMatchObject([
      { kind: 'missing', file: first, line: 3 },
      { kind: 'changed', file: second, line: 1 },
    ]);
  });

  it('tells how far it is, and ends at a signal', async () => {
    writeFileSync(FILE, textOf(lines));
    const told: VerifyAuditProgress[] = [];
    await verifyAudit(FILE, { progress: { next: (progress) => told.push(progress) } });
    const { size } = statSync(FILE);
    expect(told).toEqual([{ bytesRead: size, bytesTotal: size }]);
    const reason = new Error('stopped');
    await expect(verifyAudit(FILE, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('reads a file once that is given twice, and joins records that stand there again to one fault', async () => {
    const log = join(folder, 'given.ndjson');
    writeFileSync(log, textOf(lines));
    const twice = await verifyAudit([log, `${folder}/./given.ndjson`], { expect: lastHash });
    expect(twice).toMatchObject({ isWhole: true, files: [log] });
    const records = lines.slice(0, TORN);
    const copies = [...records, ...records, ...records.slice(2, 5), records[6]!, 'x', records[7]!];
    const { faults, faultCount } = await verified(textOf(copies));
    expect(faults.map(({ line, message }) => [line, message])).toEqual([
      [9, 'records 1 to 8 stand here again, behind record 8'],
      [17, 'records 3 to 5 stand here again, behind record 8'],
      [20, 'record 7 stands here again, behind record 8'],
      [21, 'a line that is no record of the chain'],
      [22, 'record 8 stands here again, behind record 8'],
    ]);
    expect(faultCount).toBe(5);
  });

  it.each([undefined, new URL('file:///audit.ndjson'), [7], [[FILE]]])('takes paths, and no %s', async (files) => {
    const verifying = verifyAudit(files as unknown as string);
    await expect(verifying).rejects.toThrow('verifyAudit: files must be a path, or a list of paths, got');
  });

  it('names the file that can be opened, but not read', async () => {
    await expect(verifyAudit(folder)).rejects.toThrow(`EISDIR: illegal operation on a directory, read '${folder}'`);
  });

  it('fails where there is nothing to verify', async () => {
    await expect(verified('{"level":30}\n{"level":30}\n')).rejects.toThrow(`There is no chained record in ${FILE}.`);
    await expect(verifyAudit(join(folder, 'nowhere'))).rejects.toThrow('ENOENT');
    expect(await verified('')).toMatchObject({ isWhole: true, records: 0, lastHash: '0'.repeat(64) });
    expect(await faultsIn('', { expect: lastHash })).toEqual([['unanchored', 0]]);
  });

  it.each([
    [{ expect: 'abc' }, 'verifyAudit: expect must be 64 hexadecimal digits in lower case, got "abc"'],
    [{ part: 1 }, 'verifyAudit: part must be true or false'],
    [{ progress: 1 }, 'verifyAudit: progress must be an object with a method next(), got 1'],
    [{ expected: '' }, 'verifyAudit: there is no option "expected"'],
  ])('fails where an option makes no sense: %o', async (options, message) => {
    await expect(verifyAudit(FILE, options as VerifyAuditOptions)).rejects.toThrow(message);
    await expect(verifyAudit([])).rejects.toThrow('verifyAudit: files must have at least one path');
    await expect(verifyAudit([FILE, '/dev/null'])).rejects.toThrow("which can't be done with /dev/null");
  });
});
