import type { Writable } from 'node:stream';
import { ReplaySubject } from 'rxjs';
import type { Flow } from '../../operators/flow.ts';

/** **Standard output, at the pace of whoever reads it**: the flow is held while the reader is behind. */
export class Output {
  /** Emits once the reader has gone (`| head`); fails where writing fails. */
  readonly gone$ = new ReplaySubject<void>(1);
  hasGone = false;
  readonly #stream: Writable;
  readonly #flow: Flow;

  constructor(stream: Writable, flow: Flow) {
    this.#stream = stream;
    this.#flow = flow;
    stream.on('drain', () => flow.release(this));
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.hasGone ||= error.code === 'EPIPE';
      if (this.hasGone) this.gone$.next();
      else this.gone$.error(error);
    });
  }

  writeLine(line: string): void {
    if (!this.#stream.write(`${line}\n`)) this.#flow.hold(this);
  }

  /** Resolves when all that was written has been taken, or never will be. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#stream.write('', () => resolve());
    });
  }
}
