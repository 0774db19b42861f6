import { close, fstatSync, ftruncateSync, readSync, write, writeSync } from 'node:fs';

/** How much text waits before it is made into bytes. */
const BLOCK_BYTES = 64 * 1024;
/** How long to wait before a write that failed is tried again, in milliseconds. */
const RETRY_DELAY = 10;
/** How long `close` waits for a write that the system has not answered, beyond its own timeout, in milliseconds. */
const LAST_WRITE_TIMEOUT = 100;
const NEWLINE = 10;

/** What a {@link LineWriter} needs. */
interface LineWriterOptions {
  readonly fd: number;
  /** Whether the descriptor is the writer's: to close, and where it is a file, to read its end and cut a torn line off. */
  readonly owned: boolean;
  /** Most bytes that may wait to be written. */
  readonly maxBufferedBytes: number;
  /** Makes the line that says how many were lost since the last such line. */
  readonly lossLine: (lost: number) => string;
  /** Told of the first failure after a success. */
  readonly onError: (error: Error) => void;
}

interface Waiter {
  /** Waits until this many bytes of lines are written. */
  readonly target: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * **Appends lines to a descriptor, one write at a time, with a bound on what waits.** Lines that come during a write go
 * together in the next. A line that does not fit is lost and counted; the next thing written is a line that says so.
 *
 * A write that the system cut short goes on where it stopped. One that failed is tried again until `close`.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  /** Whether a line that was written in part can be taken back. */
  readonly #canCut: boolean;
  /** Full blocks, then the text of the one being filled. */
  readonly #blocks: Buffer[] = [];
  #text = '';
  #textBytes = 0;
  #buffered = 0;
  /** The block being written, how much of it is, and whether it is a loss line. */
  #block: Buffer | undefined;
  #offset = 0;
  #isLossLine = false;
  #retry: NodeJS.Timeout | undefined;
  #failing = false;
  #unreported = 0;
  #lost = 0;
  /** Bytes of lines taken in, and of lines written in whole blocks. */
  #accepted = 0;
  #done = 0;
  #waiters: Waiter[] = [];
  #closed: Promise<void> | undefined;
  #abandoned = false;
  #underWay = false;
  /** What waits for the write under way to return. */
  #returned = () => {};

  /** @throws the system's error, where `fd` is not open */
  constructor(options: LineWriterOptions) {
    this.#options = options;
    this.#canCut = fstatSync(options.fd).isFile() && options.owned;
  }

  /** How many lines will never be written. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a line, with its newline. Never waits, never throws. */
  write(line: string): void {
    const size = Buffer.byteLength(line);
    if (this.#closed !== undefined || this.#buffered + size > this.#options.maxBufferedBytes) {
      this.#lost += 1;
      this.#unreported += 1;
    } else {
      this.#text += line;
      this.#textBytes += size;
      this.#buffered += size;
      this.#accepted += size;
      if (this.#textBytes >= BLOCK_BYTES) this.#blocks.push(this.#takeText());
    }
    if (this.#block === undefined && this.#closed === undefined) this.#next();
  }

  /** Resolves when the lines taken so far are written; rejects when a write fails. */
  flush(): Promise<void> {
    return this.#reached(this.#accepted);
  }

  /** Writes what waits, for at most `timeout` ms and until a write fails, counts the rest as lost, and closes. */
  close(timeout: number): Promise<void> {
    this.#closed ??= this.#writeRest(timeout).then(() => this.#abandon());
    return this.#closed;
  }

  async #writeRest(timeout: number): Promise<void> {
    // What could not be written is counted by #abandon; onError has the cause.
    await within(timeout, this.#reached(Infinity)).catch(() => undefined);
  }

  /** Resolves at that many bytes of lines, and in any case when nothing is left to write. */
  #reached(target: number): Promise<void> {
    if (this.#block === undefined || target <= this.#done) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ target, resolve, reject });
      if (this.#retry !== undefined) this.#attempt();
    });
  }

  #takeText(): Buffer {
    const block = Buffer.from(this.#text);
    this.#text = '';
    this.#textBytes = 0;
    return block;
  }

  /** All that waits: a write takes a turn of the event loop, and in one turn of a busy process far more than a block comes. */
  #takeAll(): Buffer | undefined {
    if (this.#textBytes > 0) this.#blocks.push(this.#takeText());
    return this.#blocks.length > 1 ? Buffer.concat(this.#blocks.splice(0)) : this.#blocks.shift();
  }

  #takeLossLine(): Buffer {
    const line = Buffer.from(this.#options.lossLine(this.#unreported));
    this.#unreported = 0;
    return line;
  }

  /** Starts on what waits, a loss line before all others. */
  #next(): void {
    this.#offset = 0;
    this.#isLossLine = this.#unreported > 0;
    if (this.#isLossLine) this.#block = this.#takeLossLine();
    else this.#block = this.#takeAll();
    if (this.#block !== undefined) this.#attempt();
  }

  #attempt(): void {
    const block = this.#block;
    if (block === undefined) return;
    const isRetry = this.#retry !== undefined;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (isRetry && this.#canCut) {
      this.#attemptAtOnce(block);
      return;
    }
    this.#underWay = true;
    write(this.#options.fd, block, this.#offset, block.length - this.#offset, null, (error, count) => {
      this.#underWay = false;
      if (error === null) this.#offset += count;
      if (this.#abandoned) this.#returned();
      else if (error !== null) this.#failed(error);
      else this.#advance(block);
    });
  }

  /** Looks at the end of the file and writes to it with nothing in between: whoever makes room truncates the file at any moment. */
  #attemptAtOnce(block: Buffer): void {
    this.#mendTornLine();
    try {
      this.#offset += writeSync(this.#options.fd, block, this.#offset);
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
      return;
    }
    this.#advance(block);
  }

  #advance(block: Buffer): void {
    this.#failing = false;
    if (this.#offset < block.length) {
      this.#attempt();
      return;
    }
    if (!this.#isLossLine) {
      this.#buffered -= block.length;
      this.#done += block.length;
    }
    this.#next();
    const reached = this.#block === undefined ? Infinity : this.#done;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ target }) => target > reached);
    for (const { target, resolve } of waiters) if (target <= reached) resolve();
  }

  /** A pipe without room is no failure; a failed write does not keep the process alive. */
  #failed(error: NodeJS.ErrnoException): void {
    this.#retry = setTimeout(() => this.#attempt(), RETRY_DELAY);
    if (error.code === 'EAGAIN') return;
    this.#retry.unref();
    for (const { reject } of this.#waiters.splice(0)) reject(error);
    if (this.#failing) return;
    this.#failing = true;
    this.#options.onError(error);
  }

  async #abandon(): Promise<void> {
    this.#abandoned = true;
    clearTimeout(this.#retry);
    const returned = new Promise<void>((resolve) => {
      if (this.#underWay) this.#returned = resolve;
      else resolve();
    });
    await within(LAST_WRITE_TIMEOUT, returned);
    if (!this.#isLossLine && this.#block !== undefined) this.#lost += lines(this.#block.subarray(this.#offset));
    for (const block of [...this.#blocks.splice(0), this.#takeText()]) this.#lost += lines(block);
    // A descriptor must not be closed under a write, which could then hit the next file of that number.
    const released = returned.then(() => this.#release());
    if (!this.#underWay) await released;
  }

  /** The part of a line that was written, where the rest of it was not. */
  #tornLine(): Buffer {
    const begun = this.#block?.subarray(0, this.#offset) ?? Buffer.alloc(0);
    return begun.subarray(begun.lastIndexOf(NEWLINE) + 1);
  }

  /** Where the file ends in `torn`, the position of that; undefined where it was truncated, or another one has written to it. */
  #positionOf(torn: Buffer): number | undefined {
    const { fd } = this.#options;
    const end = Buffer.alloc(torn.length);
    try {
      const position = fstatSync(fd).size - torn.length;
      if (position >= 0 && readSync(fd, end, 0, end.length, position) && end.equals(torn)) return position;
    } catch {
      // What can't be read is not known to be ours.
    }
    return undefined;
  }

  /** Starts a line anew, where the part of it that was written is no longer there to be gone on with. */
  #mendTornLine(): void {
    const torn = this.#tornLine();
    if (torn.length > 0 && this.#canCut && this.#positionOf(torn) === undefined) this.#offset -= torn.length;
  }

  /** Takes back the part of a line that was written. */
  #cutTornLine(): void {
    const torn = this.#tornLine();
    if (torn.length === 0 || !this.#canCut) return;
    try {
      const position = this.#positionOf(torn);
      if (position !== undefined) ftruncateSync(this.#options.fd, position);
    } catch (error) {
      this.#options.onError(error as Error);
    }
  }

  async #release(): Promise<void> {
    this.#cutTornLine();
    if (!this.#options.owned) return;
    await new Promise<void>((resolve) => {
      close(this.#options.fd, (error) => {
        if (error != null) this.#options.onError(error);
        resolve();
      });
    });
  }
}

/** Waits for the promise, but no longer than `timeout` ms. */
async function within(timeout: number, promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeout);
  });
  try {
    await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** How many lines end in it. */
function lines(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(NEWLINE); at !== -1; at = block.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
