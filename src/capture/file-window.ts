import type { FileHandle } from 'node:fs/promises';

/** How much is read at a time, in bytes, unless more is asked for. */
const WINDOW_BYTES = 256 * 1024;

/** **A file that is read from its start to its end, a window at a time.** */
export class FileWindow {
  readonly path: string;
  /** How long it was when it was opened. */
  readonly size: number;
  readonly #file: FileHandle;
  #bytes = Buffer.alloc(0);
  #start = 0;

  constructor(path: string, size: number, file: FileHandle) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  /** The bytes from there on: fewer than `length` where the file ends before. */
  async read(position: number, length: number): Promise<Buffer> {
    const offset = position - this.#start;
    if (offset < 0 || offset + length > this.#bytes.length) {
      await this.#load(position, Math.min(Math.max(length, WINDOW_BYTES), this.size - position));
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(offset, offset + length);
  }

  async #load(position: number, length: number): Promise<void> {
    const bytes = Buffer.allocUnsafe(Math.max(0, length));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, filled, bytes.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#bytes = bytes.subarray(0, filled);
    this.#start = position;
  }
}
