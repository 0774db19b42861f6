import { isoTime } from '../../operators/audit-record.ts';
import { coloured, type Colour } from './coloured.ts';
import { terminalText } from './terminal-text.ts';

/** What {@link StatusLine} needs of a stream: `process.stdout` and `process.stderr` have it. */
export interface StatusStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
  write(text: string): boolean;
}

/** What the live line shows. */
export interface Status {
  /** What matters most: always shown, cut where the line is too narrow. */
  readonly state: string;
  readonly colour: Colour;
  /** What follows, as far as the width allows. */
  readonly facts: readonly string[];
}

/** Erases the line, and leaves the cursor at its start. */
const ERASE = '\r\u001b[K';
/** The width where the terminal does not know its own. */
const USUAL_COLUMNS = 80;

/** **Log lines, and below them one live line** where the stream is a terminal for it. All text is made safe for a terminal. */
export class StatusLine {
  readonly isLive: boolean;
  readonly #stream: StatusStream;
  #shown = '';

  constructor(stream: StatusStream, isLive: boolean) {
    this.#stream = stream;
    this.isLive = isLive;
  }

  /** Writes a line that stays, with the time. */
  log(text: string): void {
    const line = `${isoTime(Date.now())} ${terminalText(text)}\n`;
    this.#stream.write(this.#shown === '' ? line : `${ERASE}${line}${this.#shown}`);
  }

  /** Shows the status in place of the last one. */
  show(status: Status): void {
    this.#shown = this.#fit(status);
    this.#stream.write(`${ERASE}${this.#shown}`);
  }

  /** Takes the live line away. */
  clear(): void {
    if (this.#shown === '') return;
    this.#shown = '';
    this.#stream.write(ERASE);
  }

  #fit({ state, colour, facts }: Status): string {
    const width = (this.#stream.columns || USUAL_COLUMNS) - 1;
    const text = terminalText(state);
    const head = text.length > width ? `${text.slice(0, width - 1)}…` : text;
    let room = width - head.length;
    let tail = '';
    for (const fact of facts) {
      room -= fact.length + 2;
      if (room < 0) break;
      tail += `  ${fact}`;
    }
    return (this.#stream.hasColors?.() === true ? coloured(head, colour) : head) + tail;
  }
}
