import { pino } from 'pino';
import type { AuditRecord } from '../../operators/audit-record.ts';
import type { AuditSink } from '../../operators/audit.ts';
import { callable, duration, knownOptions, optionError, positiveInteger } from '../../operators/options.ts';
import { printableJson } from '../../operators/printable.ts';
import { LineWriter } from './line-writer.ts';
import { openAppend } from './open-append.ts';

/** Options of {@link pinoAuditSink}. */
export interface PinoAuditSinkOptions {
  /**
   * The path of a file, or an open file descriptor, such as 1 for standard output. A file is appended to, or made for its
   * owner only (0o600) in a folder that must be there; it has to be readable too. A descriptor is left open by `close`; give it to one sink only.
   */
  readonly destination: string | number;
  /** Most bytes that wait for the destination. What does not fit is lost, and counted. @defaultValue 16 MiB */
  readonly maxBufferedBytes?: number;
  /** How long `close` waits for a destination that takes nothing, such as a full pipe, in milliseconds. @defaultValue 5,000 */
  readonly closeTimeout?: number;
  /** Told when the destination starts to fail, once until it works again: a full disk, a broken pipe. Must not throw. */
  readonly onError?: (error: Error) => void;
}

/** An {@link AuditSink} that says what it lost. */
export interface PinoAuditSink extends AuditSink {
  /** How many records will never be written. After `close`: lines of records + `lost` = records handed in. */
  readonly lost: number;
  /** Resolves when the records handed in so far are with the operating system; rejects when the destination fails. */
  flush(): Promise<void>;
  /**
   * Writes what waits, counts as lost what the destination does not take, and closes the file. Never rejects: `lost` and
   * `onError` tell. Called again, it gives the same promise. Records that come later are lost, and counted. What a blocking
   * descriptor still holds when `closeTimeout` is over counts as lost, though it may arrive later.
   */
  close(): Promise<void>;
}

/**
 * **Writes the audit log with pino**: one line of JSON for each record.
 *
 *     {"level":30,"frameId":"1:7","outcome":"accepted","payloadType":"keepalive","byteLength":20,"checksum":"none","timestamp":"2026-01-31T12:00:00.000Z"}
 *     {"level":40,"frameId":"1:8","outcome":"rejected",…,"stage":"decode","reason":"malformed-json","issues":[…]}
 *     {"level":50,"lost":12,"timestamp":"2026-01-31T12:00:01.000Z"}
 *
 * The level is pino's: info (30) for accepted, warn (40) for rejected, error (50) for losses. Pino's `time`, `pid` and
 * `hostname` are left out: the record has its own time. What a terminal would obey is escaped, so that `tail` is safe.
 *
 * **Never blocks, and never grows past `maxBufferedBytes`.** What does not fit is dropped and counted in `lost`; as soon as
 * there is room again, a record of its own says how many were lost since the last such record. A destination that fails is
 * tried again until it works or `close` is called; what waits in the meantime is kept. A line is written whole or taken
 * back; one that a killed process left torn is ended at the next opening.
 *
 * Records that still wait are gone when the process is killed or calls `process.exit`: `close` first. A file that is renamed
 * or deleted is written on: rotate it by copy and truncate.
 *
 * @throws TypeError or RangeError at the call, where an option makes no sense
 * @throws Error at the call, where the destination can't be opened, with the system's error as its `cause`: no such folder,
 * no permission, a pipe that nobody reads (`ENXIO`)
 */
export function pinoAuditSink(options: PinoAuditSinkOptions): PinoAuditSink {
  knownOptions('pinoAuditSink', options, ['destination', 'maxBufferedBytes', 'closeTimeout', 'onError']);
  const { destination, maxBufferedBytes = 16 * 1024 * 1024, closeTimeout = 5_000, onError = () => undefined } = options;
  positiveInteger('pinoAuditSink: maxBufferedBytes', maxBufferedBytes);
  duration('pinoAuditSink: closeTimeout', closeTimeout);
  callable('pinoAuditSink: onError', onError);

  let line = '';
  const logger = pino(
    { base: null, timestamp: false },
    {
      write: (text: string) => {
        line = text;
      },
    },
  );
  const lossLine = (lost: number) => {
    logger.error({ lost, timestamp: new Date().toISOString() });
    return line;
  };
  const writer = openWriter(destination, { maxBufferedBytes, lossLine, onError });

  return {
    get lost() {
      return writer.lost;
    },
    write: (record: AuditRecord) => {
      if (record.outcome === 'rejected') logger.warn(record);
      else logger.info(record);
      writer.write(holdsForeignText(record) ? `${printableJson(line.trimEnd())}\n` : line);
    },
    flush: () => writer.flush(),
    close: () => writer.close(closeTimeout),
  };
}

/** What the sender of a frame has said is in its payload, and in what a stage of one's own has to say of it. */
function holdsForeignText({ outcome, payload }: AuditRecord): boolean {
  return outcome === 'rejected' || payload !== undefined;
}

function openWriter(
  destination: string | number,
  options: Omit<ConstructorParameters<typeof LineWriter>[0], 'fd' | 'owned'>,
): LineWriter {
  const owned = typeof destination === 'string';
  if (destination === '' || !(owned || (Number.isSafeInteger(destination) && destination >= 0))) {
    throw optionError(
      'pinoAuditSink: destination',
      'the path of a file or a file descriptor',
      destination,
      !owned && typeof destination !== 'number',
    );
  }
  try {
    return new LineWriter({ ...options, fd: owned ? openAppend(destination) : destination, owned });
  } catch (cause) {
    throw new Error(`pinoAuditSink: ${String(destination)} can't be opened: ${(cause as Error).message}`, { cause });
  }
}
