import { close, ftruncate, write } from 'node:fs';
import { promisify } from 'node:util';

/** How long to wait before a write that failed is tried again, in milliseconds. */
const RETRY_DELAY = 100;

const writeTo = promisify(write);
const truncateTo = promisify(ftruncate);
const closeFile = promisify(close);

/** What is written whole, or taken back. */
export interface Piece {
  readonly bytes: Uint8Array;
  /** How many frames are gone where it is not written. */
  readonly frames: number;
}

/** What a {@link FileAppender} needs. */
interface FileAppenderOptions {
  /** Of a new, empty file, which is the appender's to close. */
  readonly fd: number;
  /** Told of the first failure after a success. */
  readonly onError: (error: Error) => void;
  /** Told that fewer bytes wait. */
  readonly onWritten: () => void;
}

interface Waiter {
  /** Waits until so many pieces are written. */
  readonly target: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** **Appends pieces to a file, one after the other.** A write that fails is tried again until {@link giveUp}. */
export class FileAppender {
  readonly #options: FileAppenderOptions;
  readonly #pieces: Piece[] = [];
  #waiting = 0;
  #written = 0;
  #appended = 0;
  #done = 0;
  #failing = false;
  #givesUp = false;
  #running = Promise.resolve();
  #isRunning = false;
  #waiters: Waiter[] = [];
  #retryNow = () => {};

  constructor(options: FileAppenderOptions) {
    this.#options = options;
  }

  /** How many bytes wait for the disk. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How many bytes of whole pieces are in the file. */
  get written(): number {
    return this.#written;
  }

  append(piece: Piece): void {
    this.#pieces.push(piece);
    this.#waiting += piece.bytes.length;
    this.#appended += 1;
    if (!this.#isRunning) this.#running = this.#run();
  }

  /** Resolves when the pieces appended so far are with the operating system; rejects when a write fails. */
  flush(): Promise<void> {
    if (this.#done === this.#appended) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ target: this.#appended, resolve, reject });
      this.#retryNow();
    });
  }

  /** From now on a write that fails is the last one. */
  giveUp(): void {
    this.#givesUp = true;
    this.#retryNow();
  }

  /** Writes what waits, and closes the file. Never rejects. @returns how many frames are not in it, after {@link giveUp} */
  async close(): Promise<number> {
    await this.#running;
    const lost = this.#pieces.splice(0).reduce((sum, { frames }) => sum + frames, 0);
    this.#waiting = 0;
    this.#done = this.#appended;
    this.#options.onWritten();
    const { fd, onError } = this.#options;
    try {
      // The part of a piece that was written, where the rest of it was not.
      await truncateTo(fd, this.#written);
    } catch (error) {
      onError(error as Error);
    }
    await closeFile(fd).catch(onError);
    return lost;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      try {
        await this.#writeWhole(piece.bytes);
      } catch (error) {
        this.#failed(error as Error);
        if (this.#givesUp) break;
        await this.#retryTime();
        continue;
      }
      this.#pieces.shift();
      this.#finished(piece);
    }
    this.#isRunning = false;
  }

  /** Where the disk is full a write is cut short, and only the next one fails. */
  async #writeWhole(bytes: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < bytes.length) {
      const { bytesWritten } = await writeTo(
        this.#options.fd,
        bytes,
        offset,
        bytes.length - offset,
        this.#written + offset,
      );
      offset += bytesWritten;
    }
  }

  #finished({ bytes }: Piece): void {
    this.#failing = false;
    this.#written += bytes.length;
    this.#waiting -= bytes.length;
    this.#done += 1;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ target }) => target > this.#done);
    for (const { target, resolve } of waiters) if (target <= this.#done) resolve();
    this.#options.onWritten();
  }

  #failed(error: Error): void {
    for (const { reject } of this.#waiters.splice(0)) reject(error);
    if (this.#failing) return;
    this.#failing = true;
    this.#options.onError(error);
  }

  /** Does not keep the process alive. */
  #retryTime(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_DELAY).unref();
      this.#retryNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
