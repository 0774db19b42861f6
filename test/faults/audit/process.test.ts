import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pinoAuditSink } from '../../../src/telemetry/pino-audit-sink.ts';
import { verifyAudit } from '../../../src/telemetry/verify-audit.ts';
import { MAIN, run } from '../../cli/run.ts';
import { auditProcess } from '../../telemetry/audit-process.ts';
import { plainChain } from '../../telemetry/plain-chain.ts';
import { writeAll } from '../../telemetry/record.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxframe-audit-'));
  file = join(folder, 'audit.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

const paths = () => readdirSync(folder).map((name) => join(folder, name));

describe.runIf(process.platform === 'linux')('a chained audit log', () => {
  it.each(['fill', 'recover'] as const)('is whole where the disk fills up: %s', async (part) => {
    const { lost, lastHash } = await auditProcess(file, part, 64, { chain: true });
    expect(lost).toBeGreaterThan(0);
    expect(plainChain(readFileSync(file, 'utf8'))).toBe(lastHash);
    const verdict = await verifyAudit(file, { expect: lastHash! });
    expect(verdict).toMatchObject({ isWhole: true, lost: part === 'fill' ? 0 : lost, torn: [] });
  });

  it.each([{}, { rotate: { bytes: 50_000 } }, { rotate: { bytes: 10_000_000 } }])(
    'goes on after its process was killed, three times: %j',
    async (options) => {
      let records = 0;
      let torn = 0;
      for (let round = 0; round < 3; round += 1) {
        await auditProcess(file, 'killed', undefined, { chain: true, ...options });
        const sink = pinoAuditSink({ destination: file, chain: true, ...options });
        writeAll(sink, 100);
        await sink.close();
        const verdict = await verifyAudit(paths(), { expect: sink.lastHash! });
        expect(verdict.faults).toEqual([]);
        expect(verdict.records).toBeGreaterThan(records + 100);
        expect(verdict.torn.length - torn).toBeLessThanOrEqual(1);
        records = verdict.records;
        torn = verdict.torn.length;
      }
    },
  );

  it('is begun again by a service where the disk is too full to end its torn line: exit code 1', async () => {
    writeFileSync(file, '{'.padEnd(1_024));
    const command = run('bash', [
      ...['--norc', '-c', 'ulimit -f 1; exec "$0" "$@"', process.execPath, MAIN],
      ...['listen', '--simulate', '--audit-chain', '--audit-file', file],
    ]);
    expect(await command.ended).toBe(1);
    expect(command.stderr).toBe(
      `rxframe listen: --audit-file: ${JSON.stringify(file)} can't be opened: EFBIG: file too large, write\n`,
    );
  });

  it('loses nothing over many rotations, and its process ends', async () => {
    const report = await auditProcess(file, 'close', undefined, { chain: true, rotate: { bytes: 20_000 } });
    expect(report).toMatchObject({ lost: 0, errors: [] });
    expect(await verifyAudit(paths(), { expect: report.lastHash! })).toMatchObject({ isWhole: true, records: 5_000 });
    expect(paths().length).toBeGreaterThan(50);
  });
});
