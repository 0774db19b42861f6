import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AuditRecord } from '../../operators/audit-record.ts';
import { pinoAuditSink } from '../../src/telemetry/pino-audit-sink.ts';

const RECORD: AuditRecord = {
  frameId: '1:1',
  outcome: 'accepted',
  byteLength: 20,
  checksum: 'none',
  timestamp: '2026-01-31T12:00:00.000Z',
};
const COUNT = 10_000;
const BYTES = COUNT * `${JSON.stringify({ level: 30, ...RECORD })}\n`.length;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxframe-audit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a busy process does not hold the audit log up: what waits is written at once, however much it is', async () => {
  const file = join(folder, 'audit.log');
  const sink = pinoAuditSink({ destination: file });
  sink.write(RECORD);
  const first = sink.flush();
  for (let written = 1; written < COUNT; written += 1) sink.write(RECORD);
  await first;

  // From here on the process is busy: no callback runs. A socket that is never empty leaves about as few turns.
  const deadline = performance.now() + 10_000;
  while (statSync(file).size < BYTES && performance.now() < deadline);
  expect(statSync(file).size).toBe(BYTES);
  await sink.close();
});
