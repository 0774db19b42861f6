import { closeSync, fstatSync, realpathSync, renameSync, statSync, type Stats } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { endLine } from './end-line.ts';
import { openAppend } from './open-append.ts';
import { rotatedFiles, rotatedPath } from './rotated-files.ts';

/** How long to wait before a rotation that failed is tried again, in milliseconds. */
const RETRY_DELAY = 1_000;

/** When {@link pinoAuditSink} begins another file; `bytes`, `seconds`, or both. */
export interface AuditRotateOptions {
  /** Before a file grows beyond it, in bytes. One record that is larger has a file of its own. @defaultValue none */
  readonly bytes?: number;
  /** With the first record after each multiple of it since 1970, in seconds: 3,600 is each full hour, 86,400 midnight UTC. @defaultValue none */
  readonly seconds?: number;
  /** How many finished files are kept; older ones are deleted. @defaultValue all */
  readonly files?: number;
}

/**
 * **Finishes a file and begins the next.** The file of now has always the same path; a finished one gets the time into its
 * name. Where that fails, the file of now is written on, and it is tried again a second later.
 */
export class FileRotation {
  readonly #path: string;
  readonly #options: AuditRotateOptions;
  readonly #onError: (error: Error) => void;
  #period: number;
  #retryAt = -Infinity;
  #failing = false;
  #removals: Promise<unknown> = Promise.resolve();

  /** @param fd - the open file at `path` */
  constructor(path: string, fd: number, options: AuditRotateOptions, onError: (error: Error) => void) {
    // A symbolic link stays, and what it points to is rotated.
    this.#path = realpathSync(path);
    this.#options = options;
    this.#onError = onError;
    const { size, mtimeMs } = fstatSync(fd);
    this.#period = this.#periodOf(size === 0 ? Date.now() : mtimeMs);
  }

  /** Resolves when the files that are too many are deleted. */
  get settled(): Promise<unknown> {
    return this.#removals;
  }

  /** Where a line of that length goes: the descriptor, and how many bytes may be written to it. */
  place(fd: number, lineLength: number): { readonly fd: number; readonly room: number } {
    const { bytes = Infinity } = this.#options;
    const stats = fstatSync(fd);
    if (!this.#isDue(stats, lineLength)) return { fd, room: bytes - stats.size };
    if (performance.now() < this.#retryAt) return { fd, room: Infinity };
    let next: number;
    try {
      next = this.#begin(stats);
    } catch (error) {
      this.#retryAt = performance.now() + RETRY_DELAY;
      // Not at once: whoever is told may write, and is in the middle of it.
      if (!this.#failing) queueMicrotask(() => this.#onError(error as Error));
      this.#failing = true;
      return { fd, room: Infinity };
    }
    this.#failing = false;
    this.#period = this.#periodOf(Date.now());
    this.#leave(fd);
    return { fd: next, room: bytes - fstatSync(next).size };
  }

  /** Whatever fails here, the next file is the one that is written. */
  #leave(fd: number): void {
    try {
      closeSync(fd);
      this.#removeOld();
    } catch (error) {
      queueMicrotask(() => this.#onError(error as Error));
    }
  }

  #isDue({ size }: Stats, lineLength: number): boolean {
    if (size === 0) return false;
    return size + lineLength > (this.#options.bytes ?? Infinity) || this.#periodOf(Date.now()) > this.#period;
  }

  #periodOf(time: number): number {
    const { seconds } = this.#options;
    return seconds === undefined ? 0 : Math.floor(time / (seconds * 1_000));
  }

  /** Gives the finished file its name and opens the next. One that another has moved away or replaced is left where it is. */
  #begin(current: Stats): number {
    const there = statSync(this.#path, { throwIfNoEntry: false });
    if (there === undefined || there.ino !== current.ino || there.dev !== current.dev) return opened(this.#path);
    const finished = this.#finishedPath();
    renameSync(this.#path, finished);
    try {
      return opened(this.#path);
    } catch (error) {
      renameSync(finished, this.#path);
      throw error;
    }
  }

  /** A name after all others, also where the clock was set back, or the last one is of the same millisecond. */
  #finishedPath(): string {
    const last = rotatedFiles(this.#path).at(-1)?.at ?? -Infinity;
    return rotatedPath(this.#path, Math.max(Date.now(), last + 1));
  }

  #removeOld(): void {
    const { files } = this.#options;
    if (files === undefined) return;
    const old = rotatedFiles(this.#path).slice(0, -files);
    const removals = old.map(({ path }) => unlink(path).catch((error: unknown) => this.#onError(error as Error)));
    this.#removals = Promise.all([this.#removals, ...removals]);
  }
}

function opened(path: string): number {
  const fd = openAppend(path);
  try {
    endLine(fd);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
