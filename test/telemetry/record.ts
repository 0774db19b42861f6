import type { AuditRecord } from '../../operators/audit-record.ts';
import type { PinoAuditSink } from '../../src/telemetry/pino-audit-sink.ts';

/** An audit record. */
export const record = (sequence: number, more: Partial<AuditRecord> = {}): AuditRecord => ({
  frameId: `1:${sequence}`,
  outcome: 'accepted',
  payloadType: 'keepalive',
  byteLength: 20,
  checksum: 'none',
  timestamp: '2026-01-31T12:00:00.000Z',
  ...more,
});

/** Writes records with the numbers from `from` on. */
export function writeAll(sink: PinoAuditSink, count: number, from = 0): void {
  for (let sequence = from; sequence < from + count; sequence += 1) sink.write(record(sequence));
}
