import type { MonoTypeOperatorFunction } from 'rxjs';
import { auditRecord, type AuditRecord, type AuditRecordOptions } from './audit-record.ts';
import type { AnyFrame } from './frame.ts';
import { flag, knownOptions, withMethod } from './options.ts';
import { outcomes } from './stage.ts';

/** Where audit records go. `write` takes the record and returns at once: it must not block, and says itself what it lost. */
export interface AuditSink {
  write(record: AuditRecord): void;
}

/**
 * **Writes one record of each outcome to the sink**: rejected frames with the stage and the reason, all others as accepted.
 * Stands after the stages and before {@link accepted}, so that it sees them all, each once.
 * What `write` throws is the error of the stream.
 *
 *     in        --a--x--c--|        x: rejected
 *     out       --a--x--c--|
 *     sink        1  2  3
 *
 * @param sink - `pinoAuditSink()` of `rxframe/node`, or your own
 * @throws TypeError at the call, where `sink` has no `write`, or an option is not allowed
 */
export function audit<T extends AnyFrame>(
  sink: AuditSink,
  options: AuditRecordOptions = {},
): MonoTypeOperatorFunction<T> {
  withMethod('audit: sink', 'write', sink);
  knownOptions('audit', options, ['payloads', 'digests']);
  flag('audit: payloads', options.payloads ?? false);
  flag('audit: digests', options.digests ?? false);
  return outcomes(() => (outcome: T) => {
    sink.write(auditRecord(outcome, options));
    return outcome;
  });
}
