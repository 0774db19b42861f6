import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../../cli/run.ts';

const PAGE = 4096;

/** **A named pipe in a folder of its own**, held open at both ends, so that it takes what fits, and is read when a test wants to. */
export class Pipe {
  readonly path = join(folder(), 'pipe');
  readonly #fd: number;
  #padding = 0;

  constructor() {
    execFileSync('mkfifo', [this.path]);
    this.#fd = openSync(this.path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  /** Leaves room for so many pages of 4 KiB, and no more. */
  fillUpTo(pages: number): void {
    while (isDone(() => writeSync(this.#fd, Buffer.alloc(PAGE)))) this.#padding += PAGE;
    this.#padding -= readSync(this.#fd, Buffer.alloc(pages * PAGE));
  }

  /** What is in it, at most so much, without what filled it up. */
  read(most = Infinity): string {
    let text = '';
    const chunk = Buffer.alloc(PAGE);
    while (this.#padding > 0) this.#padding -= readSync(this.#fd, chunk);
    let length = 0;
    const some = () => (length = readSync(this.#fd, chunk, 0, Math.min(PAGE, most - text.length), null));
    while (text.length < most && isDone(some)) text += chunk.toString('latin1', 0, length);
    return text;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Whether a pipe took or gave something: false where it is full, or empty. */
function isDone(call: () => number): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}
