import { closeSync, fstatSync, realpathSync } from 'node:fs';
import { pino } from 'pino';
import type { AuditRecord } from '../../operators/audit-record.ts';
import type { AuditSink } from '../../operators/audit.ts';
import { callable, duration, flag, knownOptions, optionError, positiveInteger } from '../../operators/options.ts';
import { printableJson } from '../../operators/printable.ts';
import { isChained, logEnd, type TornEnd } from './chain-end.ts';
import { endLine } from './end-line.ts';
import { FileRotation, type AuditRotateOptions } from './file-rotation.ts';
import { HashChain } from './hash-chain.ts';
import { LineWriter } from './line-writer.ts';
import { openAppend } from './open-append.ts';

/** Options of {@link pinoAuditSink}. */
export interface PinoAuditSinkOptions {
  /**
   * The path of a file, or an open file descriptor, such as 1 for standard output. A file is appended to, or made for its
   * owner only (0o600) in a folder that must be there; it has to be readable too. A descriptor is left open by `close`; give it to one sink only.
   */
  readonly destination: string | number;
  /** Begins another file when one is large or old enough; see {@link AuditRotateOptions}. Needs the path of a file. @defaultValue never */
  readonly rotate?: AuditRotateOptions;
  /**
   * Links each record to the one before by SHA-256, so that `verifyAudit` finds a change. Needs the path of a file, that no
   * other process writes to. A chain that is there is gone on with; without `chain` such a file is refused. @defaultValue false
   */
  readonly chain?: boolean;
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
  /**
   * With `chain`: the hash of the last record that is with the operating system; 64 zeros where there is none. Kept elsewhere, it
   * shows later that nothing was cut off or written anew up to there: `verifyAudit`'s `expect`.
   */
  readonly lastHash: string | undefined;
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
 *     {"level":30,"frameId":"c35c2973b2452969-96","outcome":"accepted","payloadType":"keepalive","byteLength":20,"checksum":"none","timestamp":"2026-01-31T12:00:00.000Z"}
 *     {"level":40,"frameId":"c35c2973b2452969-97","outcome":"rejected",…,"stage":"decode","reason":"malformed-json","issues":[…]}
 *     {"level":50,"lost":12,"timestamp":"2026-01-31T12:00:01.000Z"}
 *
 * The level is pino's: info (30) for accepted, warn (40) for rejected, error (50) for losses. Pino's `time`, `pid` and
 * `hostname` are left out: the record has its own time. What a terminal would obey is escaped, so that `tail` is safe.
 *
 * **Never blocks, and never grows past `maxBufferedBytes`.** What does not fit is dropped and counted in `lost`; as soon as
 * there is room again, a record of its own says how many were lost since the last such record. A destination that fails is
 * tried again until it works or `close` is called; what waits in the meantime is kept. A line is written whole or taken
 * back; one that a killed process left unfinished is ended at the next opening.
 *
 * Records that still wait are gone when the process is killed or calls `process.exit`: `close` first. A file that another renames
 * or deletes is written on: rotate it by copy and truncate, or by `rotate`.
 *
 * With `chain`, a record tells of an unfinished line that stands before it: how long it is, and its hash. Whole lines that are
 * no records of the chain are passed over and not told of: for `verifyAudit` they are faults.
 *
 *     {"level":50,"torn":{"byteLength":17,"sha256":"…"},"timestamp":"2026-01-31T12:00:02.000Z","seq":8,"prev":"…","hash":"…"}
 *
 * @throws TypeError or RangeError at the call, where an option makes no sense
 * @throws Error at the call, where the destination can't be opened, with the system's error as its `cause`: no such folder,
 * no permission, a pipe that nobody reads (`ENXIO`)
 */
export function pinoAuditSink(options: PinoAuditSinkOptions): PinoAuditSink {
  knownOptions('pinoAuditSink', options, [
    'destination',
    'rotate',
    'chain',
    'maxBufferedBytes',
    'closeTimeout',
    'onError',
  ]);
  const { maxBufferedBytes = 16 * 1024 * 1024, closeTimeout = 5_000, onError = () => undefined } = options;
  if (options.rotate !== undefined) checkRotate(options.rotate);
  flag('pinoAuditSink: chain', options.chain ?? false);
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
  const tornLine = (torn: TornEnd) => {
    logger.error({ torn, timestamp: new Date().toISOString() });
    return line;
  };
  const { fd, owned, rotation, chain } = opened(options, tornLine, onError);
  const writer = new LineWriter({ fd, owned, rotation, chain, maxBufferedBytes, lossLine, onError });

  return {
    get lost() {
      return writer.lost;
    },
    get lastHash() {
      return chain?.lastHash;
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

function checkRotate(rotate: AuditRotateOptions): void {
  knownOptions('pinoAuditSink: rotate', rotate, ['bytes', 'seconds', 'files']);
  const { bytes, seconds, files } = rotate;
  if (bytes === undefined && seconds === undefined) {
    throw new TypeError('pinoAuditSink: rotate must say when: by bytes, by seconds, or both');
  }
  if (bytes !== undefined) positiveInteger('pinoAuditSink: rotate.bytes', bytes);
  if (seconds !== undefined) positiveInteger('pinoAuditSink: rotate.seconds', seconds);
  if (files !== undefined) positiveInteger('pinoAuditSink: rotate.files', files);
}

/** An open destination, and what is done with it. */
interface Opened {
  readonly fd: number;
  readonly owned: boolean;
  readonly rotation?: FileRotation | undefined;
  readonly chain?: HashChain | undefined;
}

/** Makes the line that tells of an unfinished one. */
type TornLine = (torn: TornEnd) => string;

function opened(options: PinoAuditSinkOptions, tornLine: TornLine, onError: (error: Error) => void): Opened {
  const { destination } = options;
  const isPath = typeof destination === 'string';
  if (destination === '' || !(isPath || (Number.isSafeInteger(destination) && destination >= 0))) {
    throw optionError(
      'pinoAuditSink: destination',
      'the path of a file or a file descriptor',
      destination,
      !isPath && typeof destination !== 'number',
    );
  }
  try {
    return isPath ? openedFile(destination, options, tornLine, onError) : openedDescriptor(destination, options);
  } catch (cause) {
    throw new Error(`pinoAuditSink: ${String(destination)} can't be opened: ${(cause as Error).message}`, { cause });
  }
}

function openedDescriptor(fd: number, options: PinoAuditSinkOptions): Opened {
  fstatSync(fd);
  needFile(false, options);
  return { fd, owned: false };
}

function openedFile(
  path: string,
  options: PinoAuditSinkOptions,
  tornLine: TornLine,
  onError: (error: Error) => void,
): Opened {
  const fd = openAppend(path);
  try {
    const isFile = fstatSync(fd).isFile();
    needFile(isFile, options);
    // Before anything is written: it goes by the time of the last change.
    const rotation = options.rotate && new FileRotation(path, fd, options.rotate, onError);
    if (options.chain === true) return { fd, owned: true, rotation, chain: chainOf(path, fd, tornLine) };
    if (isFile && isChained(fd)) {
      throw new Error('its records are chained; chain these too (chain: true, --audit-chain), or begin another file');
    }
    endLine(fd);
    return { fd, owned: true, rotation };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Goes on with the chain. What tells of an unfinished line is written at once: ended and not told of, it would be a fault. */
function chainOf(path: string, fd: number, tornLine: TornLine): HashChain {
  const { last, torn } = logEnd(realpathSync(path), fd);
  const chain = new HashChain(last);
  const told = torn === undefined ? '' : chain.link(tornLine(torn));
  endLine(fd, told);
  chain.written(Buffer.from(told));
  return chain;
}

/** What is rotated is renamed, and a chain goes on from the last record: neither can be done with a pipe. */
function needFile(isFile: boolean, { rotate, chain = false }: PinoAuditSinkOptions): void {
  if (!isFile && (chain || rotate !== undefined)) throw new Error('rotate and chain need the path of a file');
}
