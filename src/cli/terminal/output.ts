import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { ReplaySubject } from 'rxjs';
import type { Flow } from '../../../operators/flow.ts';
import { fileStream } from './file-stream.ts';

/** **Standard output, at the pace of whoever reads it**: the flow is held while the reader is behind. */
export class Output {
  /** Emits once the reader has gone (`| head`); fails where writing fails. */
  readonly gone$ = new ReplaySubject<void>(1);
  hasGone = false;
  readonly #stream: Writable;
  readonly #flow: Flow;
  #unwritten = 0;

  constructor(stdout: Writable & { readonly fd: number; readonly isTTY?: boolean }, flow: Flow) {
    this.#stream = fstatSync(stdout.fd).isFile() ? fileStream(stdout.fd) : stdout;
    this.#flow = flow;
    this.#stream.on('drain', () => flow.release(this));
    this.#stream.on('error', (error: NodeJS.ErrnoException) => {
      // A terminal that is closed fails with EIO.
      this.hasGone ||= error.code === 'EPIPE' || (error.code === 'EIO' && stdout.isTTY === true);
      if (this.hasGone) this.gone$.next();
      else this.gone$.error(error);
    });
  }

  /** How many lines are not written, or not whole: none that a reader who has gone would miss. */
  get lost(): number {
    return this.hasGone ? 0 : this.#unwritten;
  }

  /** @param written - called once the line was taken, and never where it can't be */
  writeLine(line: string, written?: () => void): void {
    this.#unwritten += 1;
    const hasRoom = this.#stream.write(`${line}\n`, (error) => {
      if (error != null) return;
      this.#unwritten -= 1;
      written?.();
    });
    if (!hasRoom) this.#flow.hold(this);
  }

  /** Resolves when all that was written has been taken, or never will be. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.write('', () => resolve());
    });
  }
}
