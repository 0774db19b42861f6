import { once } from 'node:events';
import { pino } from 'pino';

/** What an audit log says of an outcome. */
interface LoggedOutcome {
  readonly message: {
    readonly connectionId: string;
    readonly sequence: number;
    readonly byteLength: number;
    readonly timestamp: number;
  };
  readonly payloadType: string | undefined;
  readonly checksumValid: boolean | undefined;
  readonly stage: string | undefined;
  readonly reason: string | undefined;
  readonly issue: string | undefined;
}

/** An audit log by hand. */
export interface HandAuditLog {
  readonly write: (outcome: LoggedOutcome) => void;
  /** Resolves when all of it is with the operating system. */
  close(): Promise<void>;
}

/** **The audit log by hand**: pino to a file, not waiting for it; the members that `audit` writes. */
export function handAuditLog(file: string): HandAuditLog {
  const destination = pino.destination({ dest: file, sync: false });
  const log = pino({ base: null, timestamp: false }, destination);
  let millisecond = NaN;
  let isoTime = '';

  /** Made once a millisecond. */
  const iso = (timestamp: number): string => {
    if (timestamp !== millisecond) {
      isoTime = new Date(timestamp).toISOString();
      millisecond = timestamp;
    }
    return isoTime;
  };

  return {
    write({ message, payloadType, checksumValid, stage, reason, issue }) {
      const frameId = `${message.connectionId}-${message.sequence}`;
      const checksum = checksumValid === undefined ? 'none' : checksumValid ? 'pass' : 'fail';
      const { byteLength } = message;
      const timestamp = iso(message.timestamp);
      if (reason === undefined)
        log.info({ frameId, outcome: 'accepted', payloadType, byteLength, checksum, timestamp });
      else {
        const issues = [{ message: issue }];
        const outcome = 'rejected';
        log.warn({ frameId, outcome, payloadType, byteLength, checksum, timestamp, stage, reason, issues });
      }
    },
    async close() {
      destination.end();
      await once(destination, 'close');
    },
  };
}
