import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HashChain } from '../../../src/telemetry/hash-chain.ts';
import type { AuditVerdict } from '../../../src/telemetry/verify-audit.ts';
import { MAIN } from '../../cli/run.ts';
import { record } from '../../telemetry/record.ts';

const GIGABYTE = 1e9;
/** Most memory that the command may need for it, in bytes. */
const BOUND = 128 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'rxframe-large-'));
const file = join(folder, 'audit.ndjson');
afterAll(() => rmSync(folder, { recursive: true }));

let records = 0;
let lastHash = '';
beforeAll(() => {
  const chain = new HashChain();
  const fd = openSync(file, 'w');
  for (let size = 0; size < GIGABYTE;) {
    let text = '';
    for (let line = 0; line < 4_000; line += 1, records += 1) {
      text += chain.link(`${JSON.stringify({ level: 30, ...record(records) })}\n`);
    }
    const bytes = Buffer.from(text);
    chain.written(bytes);
    size += writeSync(fd, bytes);
  }
  closeSync(fd);
  lastHash = chain.lastHash;
}, 120_000);

/** Verifies it in a process of its own, of which the system tells the largest size. */
function verified(): { readonly verdict: AuditVerdict; readonly memory: number; readonly seconds: number } {
  const told = `process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)))`;
  const hook = `data:text/javascript,${encodeURIComponent(told)}`;
  const began = performance.now();
  const args = ['--import', hook, MAIN, 'audit', 'verify', file, '--json', '--expect', lastHash];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const seconds = (performance.now() - began) / 1_000;
  return { verdict: JSON.parse(stdout) as AuditVerdict, memory: Number(stderr) * 1_024, seconds };
}

describe('an audit log of 1 GB', { timeout: 300_000 }, () => {
  it('is verified in bounded memory', () => {
    const { verdict, memory, seconds } = verified();
    expect(verdict).toMatchObject({ isWhole: true, records, lastHash });
    console.log(
      `${statSync(file).size} bytes, ${records} records: ${seconds.toFixed(1)} s, ${Math.round(memory / 1e6)} MB`,
    );
    expect(memory).toBeGreaterThan(10e6);
    expect(memory).toBeLessThan(BOUND);
  });

  it('shows one byte that was changed in the middle of it', () => {
    const at = Math.floor(GIGABYTE / 2);
    const fd = openSync(file, 'r+');
    writeSync(fd, '\u0001', at);
    closeSync(fd);
    const { verdict } = verified();
    expect(verdict.faultCount).toBe(1);
    const [fault] = verdict.faults;
    expect(fault).toMatchObject({ kind: 'changed' });
    expect(at - fault!.offset).toBeGreaterThanOrEqual(0);
    expect(at - fault!.offset).toBeLessThan(400);
  });
});
