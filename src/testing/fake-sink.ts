import type { AuditRecord } from '../../operators/audit-record.ts';
import type { AuditSink } from '../../operators/audit.ts';

/** **An audit sink that keeps its records**, for `audit(sink)`. */
export class FakeSink implements AuditSink {
  /** The records written, in order. */
  readonly records: AuditRecord[] = [];

  write(record: AuditRecord): void {
    this.records.push(record);
  }
}
