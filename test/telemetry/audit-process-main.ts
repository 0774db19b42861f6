import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { AuditRecord } from '../../operators/audit-record.ts';
import { pinoAuditSink, type PinoAuditSinkOptions } from '../../src/telemetry/pino-audit-sink.ts';
import type { AuditProcessPart } from './audit-process.ts';

/** What {@link auditProcess} runs. */
const destination = process.env['AUDIT_DESTINATION']!;
const part = process.env['AUDIT_PART'] as AuditProcessPart;

const errors: (string | undefined)[] = [];
const sink = pinoAuditSink({
  ...(JSON.parse(process.env['AUDIT_OPTIONS']!) as Pick<PinoAuditSinkOptions, 'chain' | 'rotate'>),
  destination,
  maxBufferedBytes: part === 'recover' ? 500_000 : 16 * 1024 * 1024,
  onError: (error: NodeJS.ErrnoException) => errors.push(error.code),
});

function writeSome(count: number): void {
  for (let sequence = 0; sequence < count; sequence += 1) {
    const record: AuditRecord = {
      frameId: `1:${sequence}`,
      outcome: 'accepted',
      byteLength: 20,
      checksum: 'none',
      timestamp: '2026-01-31T12:00:00.000Z',
    };
    sink.write(record);
  }
}

/** In all files of the folder. */
function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

async function isFlushed(): Promise<boolean> {
  try {
    await sink.flush();
    return true;
  } catch {
    return false;
  }
}

switch (part) {
  case 'recover':
    writeSome(2_000);
    await sink.flush().catch(() => undefined);
    writeSome(3_000);
    execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
    await sink.close();
    break;
  case 'rotate':
    writeSome(5_000);
    for (let copy = 1; !(await isFlushed()); copy += 1) {
      copyFileSync(destination, `${destination}.${copy}`);
      truncateSync(destination);
    }
    await sink.close();
    break;
  case 'truncate':
    writeSome(100);
    await sink.flush();
    truncateSync(destination);
    writeSome(4_900);
    await sink.close();
    break;
  case 'killed':
    for (;;) {
      writeSome(1_000);
      await turn();
      if (bytesIn(dirname(destination)) > 1_000_000) process.kill(process.pid, 'SIGKILL');
    }
  case 'forgotten':
    writeSome(5_000);
    break;
  default:
    writeSome(5_000);
    await sink.close();
}
process.once('exit', () => process.stdout.write(JSON.stringify({ lost: sink.lost, errors, lastHash: sink.lastHash })));
