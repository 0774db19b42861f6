import { extname } from 'node:path';
import type { Flow } from '../../operators/flow.ts';
import type { AnyFrame } from '../../operators/frame.ts';
import {
  callable,
  duration,
  knownOptions,
  optionError,
  optionsObject,
  positiveInteger,
  withMethod,
} from '../../operators/options.ts';
import type { CaptureSink } from '../../operators/record.ts';
import { CapturePart } from './capture-part.ts';

/** For how long frames gather before they are written, in milliseconds: what a killed process may lose. */
const GATHERING_TIME = 1_000;
/** With more bytes waiting for the disk than this the flow is held; with half of them it is released. */
const MOST_WAITING = 1024 * 1024;

/** When a capture goes on in a new file: whichever comes first. */
export interface CaptureRotation {
  /** With how many bytes a file is full. */
  readonly bytes?: number;
  /** For how many seconds a file is written. */
  readonly seconds?: number;
}

/** Options of {@link captureFile}. */
export interface CaptureFileOptions {
  /** When to go on in a new file, `{ bytes, seconds }`, at least one of them. @defaultValue one file */
  readonly rotate?: CaptureRotation;
  /** The one that the connection has: through it the socket is paused while more than 1 MiB waits for the disk. @defaultValue none */
  readonly flow?: Flow;
  /** Most bytes that wait in memory. What does not fit is lost, and counted. @defaultValue 16 MiB */
  readonly maxBufferedBytes?: number;
  /** Told when writing starts to fail, once until it works again: a full disk. Must not throw. */
  readonly onError?: (error: Error) => void;
}

/** A {@link CaptureSink} that writes files, and says what it lost. */
export interface CaptureFile extends CaptureSink {
  /** The files made so far. */
  readonly files: readonly string[];
  /** How many frames were taken. After `close`: how many are in the files. */
  readonly frames: number;
  /** How many bytes are in the files. */
  readonly bytes: number;
  /** How many frames will never be in a file. After `close`: `frames` + `lost` = frames handed in. */
  readonly lost: number;
  /** Resolves when the frames handed in so far are with the operating system; rejects when writing fails. */
  flush(): Promise<void>;
  /**
   * Writes what waits, until a write fails, and ends the file. Never rejects: `lost` and `onError` tell. Called again, it gives
   * the same promise. Frames that come later are lost, and counted.
   */
  close(): Promise<void>;
}

/**
 * **Records to a file in the format MCAP**: the frames as received, when they came, and what became of them. For Node.
 *
 * ```ts
 * const capture = captureFile('calls.mcap');
 * connect({ url }).pipe(reconnect(), sizeGate(), decode(types), validate(), record(capture)).subscribe();
 * ```
 *
 * The file is made at the call, for its owner only (0o600), in a folder that must be there; one that exists is never written to.
 * With `rotate` the names have the time at which a file was begun, in UTC: `calls-20260131T120000.000Z.mcap`.
 *
 * Frames are written at least each second, and each 512 KiB: what a killed process had written can be replayed. A write
 * that fails is tried again until it works or `close` is called; a file ends with a whole frame in any case.
 *
 * @param path - of the file to make
 * @throws TypeError or RangeError at the call, where an option makes no sense
 * @throws Error at the call, where the file can't be made, with the system's error as its `cause`: it exists (`EEXIST`), no such folder
 */
export function captureFile(path: string, options: CaptureFileOptions = {}): CaptureFile {
  if (typeof path !== 'string' || path === '' || path.endsWith('/')) {
    throw optionError('captureFile: path', 'the path of a file', path, typeof path !== 'string');
  }
  knownOptions('captureFile', options, ['rotate', 'flow', 'maxBufferedBytes', 'onError']);
  const { rotate, flow, maxBufferedBytes = 16 * 1024 * 1024, onError = () => undefined } = options;
  if (rotate !== undefined) checkRotation(rotate);
  if (flow !== undefined) withMethod('captureFile: flow', 'hold', flow);
  positiveInteger('captureFile: maxBufferedBytes', maxBufferedBytes);
  callable('captureFile: onError', onError);
  return new Capture(path, { rotate, flow, maxBufferedBytes, onError });
}

function checkRotation(rotate: CaptureRotation): void {
  optionsObject('captureFile: rotate', rotate);
  knownOptions('captureFile: rotate', rotate, ['bytes', 'seconds']);
  const { bytes, seconds } = rotate;
  if (bytes === undefined && seconds === undefined) {
    throw new TypeError('captureFile: rotate needs bytes or seconds');
  }
  if (bytes !== undefined) positiveInteger('captureFile: rotate.bytes', bytes);
  if (seconds !== undefined) duration('captureFile: rotate.seconds × 1000', seconds * 1_000);
}

/** The options, checked, with their defaults. */
interface CheckedOptions {
  readonly rotate: CaptureRotation | undefined;
  readonly flow: Flow | undefined;
  readonly maxBufferedBytes: number;
  readonly onError: (error: Error) => void;
}

class Capture implements CaptureFile {
  readonly #path: string;
  readonly #options: CheckedOptions;
  readonly #files: string[] = [];
  /** The file that is written to; undefined from its end to the next frame. */
  #part: CapturePart | undefined;
  /** Those that were ended, and may not be written yet. */
  readonly #ending = new Map<CapturePart, Promise<void>>();
  #endedBytes = 0;
  #frames = 0;
  #lost = 0;
  #failsToOpen = false;
  #failsToWrite = false;
  #gathering: NodeJS.Timeout | undefined;
  #rotation: NodeJS.Timeout | undefined;
  #lastStart = 0;
  #closed: Promise<void> | undefined;

  constructor(path: string, options: CheckedOptions) {
    this.#path = path;
    this.#options = options;
    try {
      this.#part = this.#open(options.rotate === undefined ? path : this.#datedPath());
    } catch (cause) {
      throw new Error(`captureFile: ${path} can't be made: ${(cause as Error).message}`, { cause });
    }
  }

  get files(): readonly string[] {
    return this.#files;
  }

  get frames(): number {
    return this.#frames;
  }

  get bytes(): number {
    return this.#endedBytes + this.#sum('written');
  }

  get lost(): number {
    return this.#lost;
  }

  write(outcome: AnyFrame): void {
    const part = this.#partFor(outcome);
    if (part === undefined) {
      this.#lost += 1;
      return;
    }
    part.write(outcome);
    this.#frames += 1;
    if (part.byteLength >= (this.#options.rotate?.bytes ?? Infinity)) this.#end(part);
    else if (part.hasOpenChunk) this.#gathering ??= setTimeout(() => this.#writeChunk(), GATHERING_TIME);
    else this.#stopGathering();
    if (this.#sum('waiting') > MOST_WAITING) this.#options.flow?.hold(this);
  }

  async flush(): Promise<void> {
    this.#stopGathering();
    const ending = [...this.#ending.keys()].map((part) => part.flush());
    await Promise.all([this.#part?.flush(), ...ending]);
  }

  close(): Promise<void> {
    if (this.#part !== undefined) this.#end(this.#part);
    for (const part of this.#ending.keys()) part.giveUp();
    this.#closed ??= Promise.all(this.#ending.values()).then(() => this.#options.flow?.release(this));
    return this.#closed;
  }

  /** Of all files that are not closed. */
  #sum(bytes: 'written' | 'waiting' | 'buffered'): number {
    let sum = this.#part?.[bytes] ?? 0;
    for (const part of this.#ending.keys()) sum += part[bytes];
    return sum;
  }

  /** The file that the frame goes to; undefined where there is none, or no room in memory. */
  #partFor({ byteLength }: AnyFrame): CapturePart | undefined {
    if (this.#closed !== undefined) return undefined;
    const buffered = this.#sum('buffered');
    // One that is larger than all room there is goes alone.
    if (buffered > 0 && buffered + byteLength > this.#options.maxBufferedBytes) return undefined;
    if (this.#part?.hasChannelsLeft === false) this.#end(this.#part);
    try {
      this.#part ??= this.#open(this.#datedPath());
      this.#failsToOpen = false;
    } catch (error) {
      if (!this.#failsToOpen) this.#options.onError(error as Error);
      this.#failsToOpen = true;
    }
    return this.#part;
  }

  #open(path: string): CapturePart {
    const part = new CapturePart({
      path,
      // Each file says it for itself.
      onError: (error) => {
        if (!this.#failsToWrite) this.#options.onError(error);
        this.#failsToWrite = true;
      },
      onWritten: () => {
        this.#failsToWrite = false;
        if (this.#sum('waiting') <= MOST_WAITING / 2) this.#options.flow?.release(this);
      },
    });
    this.#files.push(path);
    const { seconds } = this.#options.rotate ?? {};
    if (seconds !== undefined) this.#rotation = setTimeout(() => this.#end(part), seconds * 1_000).unref();
    return part;
  }

  #end(part: CapturePart): void {
    this.#stopGathering();
    clearTimeout(this.#rotation);
    this.#part = undefined;
    const ended = part.close().then((lost) => {
      this.#ending.delete(part);
      this.#endedBytes += part.written;
      this.#frames -= lost;
      this.#lost += lost;
    });
    this.#ending.set(part, ended);
  }

  #writeChunk(): void {
    this.#stopGathering();
    this.#part?.writeChunk();
  }

  #stopGathering(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
  }

  /** Names sort as the files were begun, also where two begin at once, or the clock is set back. */
  #datedPath(): string {
    this.#lastStart = Math.max(Date.now(), this.#lastStart + 1);
    const start = new Date(this.#lastStart).toISOString().replaceAll(/[-:]/g, '');
    const extension = extname(this.#path);
    return `${this.#path.slice(0, this.#path.length - extension.length)}-${start}${extension}`;
  }
}
