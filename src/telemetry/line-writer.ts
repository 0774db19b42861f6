import { close, fstatSync, ftruncateSync, readSync, write, writeSync } from 'node:fs';
import type { FileRotation } from './file-rotation.ts';
import { LONGEST_LINK, type HashChain } from './hash-chain.ts';

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
  /** Links each line to the one before. */
  readonly chain?: HashChain | undefined;
  /** Begins the next file where one is full. */
  readonly rotation?: FileRotation | undefined;
}

interface Waiter {
  /** Waits until this many bytes of lines are written. */
  readonly target: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * **Appends lines to a descriptor, one write at a time, with a bound on what waits.** Lines that come during a write go
 * together in the next. A line that does not fit is lost and counted; a line that says so takes its place, as soon as there is
 * room for it.
 *
 * A write that the system cut short goes on where it stopped. One that failed is tried again until `close`.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  #fd: number;
  /** Whether a line that was written in part can be taken back. */
  readonly #canCut: boolean;
  /** Full blocks, then the text of the one being filled. */
  readonly #blocks: Buffer[] = [];
  #text = '';
  #textBytes = 0;
  #buffered = 0;
  /** The block being written, and how much of it is. */
  #block: Buffer | undefined;
  #offset = 0;
  #retry: NodeJS.Timeout | undefined;
  #failing = false;
  #unreported = 0;
  #lost = 0;
  /** Bytes of lines taken in, and of lines written in whole blocks. */
  #accepted = 0;
  #done = 0;
  /** Where, in the bytes taken in, a line ends that is no record, and is not written yet. */
  #noteEnds: number[] = [];
  #waiters: Waiter[] = [];
  #closed: Promise<void> | undefined;
  #abandoned = false;
  #underWay = false;
  /** What waits for the write under way to return. */
  #returned = () => {};

  /** @throws the system's error, where `fd` is not open */
  constructor(options: LineWriterOptions) {
    this.#options = options;
    this.#fd = options.fd;
    this.#canCut = fstatSync(options.fd).isFile() && options.owned;
  }

  /** How many lines will never be written. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a line, with its newline. Never waits, never throws. */
  write(line: string): void {
    const { chain, maxBufferedBytes } = this.#options;
    const size = Buffer.byteLength(line) + (chain === undefined ? 0 : LONGEST_LINK);
    if (this.#closed !== undefined || this.#buffered + size > maxBufferedBytes) {
      this.#lost += 1;
      this.#unreported += 1;
    } else {
      this.#reportLoss();
      this.#append(line);
    }
    this.#wake();
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

  #wake(): void {
    if (this.#block === undefined && this.#closed === undefined) this.#next();
  }

  #appendNote(line: string): void {
    this.#append(line);
    this.#noteEnds.push(this.#accepted);
  }

  #append(line: string): void {
    const linked = this.#options.chain?.link(line) ?? line;
    const size = Buffer.byteLength(linked);
    this.#text += linked;
    this.#textBytes += size;
    this.#buffered += size;
    this.#accepted += size;
    if (this.#textBytes >= BLOCK_BYTES) this.#blocks.push(this.#takeText());
  }

  /** Says in the place of lost lines that they are. */
  #reportLoss(): void {
    if (this.#unreported === 0) return;
    this.#appendNote(this.#options.lossLine(this.#unreported));
    this.#unreported = 0;
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
    const { rotation } = this.#options;
    const [first] = this.#blocks;
    if (rotation === undefined || first === undefined) return this.#takeBlocks(this.#blocks.length);
    const lineLength = first.indexOf(NEWLINE) + 1;
    const { fd, room } = rotation.place(this.#fd, lineLength);
    this.#fd = fd;
    return this.#takeLines(Math.max(lineLength, room));
  }

  #takeBlocks(count: number): Buffer | undefined {
    return count > 1 ? Buffer.concat(this.#blocks.splice(0, count)) : this.#blocks.shift();
  }

  /** The whole lines that `room` has room for. */
  #takeLines(room: number): Buffer | undefined {
    let count = 0;
    for (let size = 0; count < this.#blocks.length && size < room; count += 1) size += this.#blocks[count]?.length ?? 0;
    const lines = this.#takeBlocks(count);
    if (lines === undefined || lines.length <= room) return lines;
    const end = lines.lastIndexOf(NEWLINE, room - 1) + 1;
    this.#blocks.unshift(lines.subarray(end));
    return lines.subarray(0, end);
  }

  /** Starts on what waits. */
  #next(): void {
    this.#offset = 0;
    if (this.#blocks.length === 0 && this.#textBytes === 0) this.#reportLoss();
    this.#block = this.#takeAll();
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
    write(this.#fd, block, this.#offset, block.length - this.#offset, null, (error, count) => {
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
      this.#offset += writeSync(this.#fd, block, this.#offset);
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
    this.#buffered -= block.length;
    this.#done += block.length;
    this.#noteEnds = this.#noteEnds.filter((end) => end > this.#done);
    this.#options.chain?.written(block);
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
    this.#countRest();
    // A descriptor must not be closed under a write, which could then hit the next file of that number.
    const released = returned.then(() => this.#release());
    if (!this.#underWay) await released;
  }

  /** Counts as lost what is not written: records, not lines that tell of something else. */
  #countRest(): void {
    const { chain } = this.#options;
    const rest = [...this.#blocks.splice(0), this.#takeText()];
    if (this.#block !== undefined) {
      rest.push(this.#block.subarray(this.#offset));
      chain?.written(this.#block.subarray(0, this.#offset - this.#tornLine().length));
    }
    for (const block of rest) this.#lost += lines(block);
    this.#lost -= this.#noteEnds.filter((end) => end > this.#done + this.#offset).length;
  }

  /** The part of a line that was written, where the rest of it was not. */
  #tornLine(): Buffer {
    const begun = this.#block?.subarray(0, this.#offset) ?? Buffer.alloc(0);
    return begun.subarray(begun.lastIndexOf(NEWLINE) + 1);
  }

  /** Where the file ends in `torn`, the position of that; undefined where it was truncated, or another one has written to it. */
  #positionOf(torn: Buffer): number | undefined {
    const fd = this.#fd;
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
      if (position !== undefined) ftruncateSync(this.#fd, position);
    } catch (error) {
      this.#options.onError(error as Error);
    }
  }

  async #release(): Promise<void> {
    this.#cutTornLine();
    await this.#options.rotation?.settled;
    if (!this.#options.owned) return;
    await new Promise<void>((resolve) => {
      close(this.#fd, (error) => {
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
