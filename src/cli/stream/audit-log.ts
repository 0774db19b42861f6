import { pinoAuditSink, type PinoAuditSink } from '../../telemetry/pino-audit-sink.ts';
import type { AuditWishes } from '../arguments/audit-flags.ts';
import { terminalText } from '../terminal/terminal-text.ts';
import { UsageError } from '../arguments/usage-error.ts';

/**
 * **Opens the audit log of a stream.** Where it fails later, that is told on stderr.
 *
 * @throws UsageError where it can't be opened; the system's error, where it can't be written to, as on a full disk
 */
export function auditLog({ file, chain, rotate }: AuditWishes): PinoAuditSink {
  try {
    return pinoAuditSink({
      destination: file,
      chain,
      ...(rotate !== undefined && { rotate }),
      onError: ({ message }) =>
        process.stderr.write(terminalText(`rxframe: the audit log ${file} fails: ${message}`) + '\n'),
    });
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    const told = `--audit-file: ${JSON.stringify(file)} can't be opened: ${terminalText(why)}`;
    // That may mend itself: a service is to be started again.
    if (cause instanceof Error && 'syscall' in cause && cause.syscall === 'write') {
      throw Object.assign(cause, { message: told });
    }
    throw new UsageError(told, { cause: error });
  }
}
