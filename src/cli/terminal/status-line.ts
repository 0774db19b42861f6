import { isoTime } from '../../../operators/audit-record.ts';
import { coloured, type Colour } from './coloured.ts';
import { hasColours, type ColourStream } from './has-colours.ts';
import { showsSparklines, sparkline } from './sparkline.ts';
import { terminalText } from './terminal-text.ts';

/** What {@link StatusLine} needs of a stream: `process.stdout` and `process.stderr` have it. */
export interface StatusStream extends ColourStream {
  readonly columns?: number;
  write(text: string): boolean;
}

/** What the live line shows. */
export interface Status {
  /** What matters most: always shown, cut where the line is too narrow. */
  readonly state: string;
  readonly colour: Colour;
  /** What follows, as far as the width allows. */
  readonly facts: readonly string[];
  /** How the first fact has developed, the last second at the end: a row of bars after it, as far as all else leaves room. */
  readonly trend?: readonly number[];
}

/** Erases the line, and leaves the cursor at its start. */
const ERASE = '\r\u001b[K';
/** Erases what is right of the cursor. What is written over, and only then cut off, does not flicker. */
const ERASE_REST = '\u001b[K';
/** The bars come and go in groups of so many, or the line would jump with each digit. */
const BARS = 4;
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
    const text = this.#fit(status);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#stream.write(`\r${text}${ERASE_REST}`);
  }

  /** Takes the live line away. */
  clear(): void {
    if (this.#shown === '') return;
    this.#shown = '';
    this.#stream.write(ERASE);
  }

  #fit({ state, colour, facts, trend = [] }: Status): string {
    const width = (this.#stream.columns || USUAL_COLUMNS) - 1;
    const text = terminalText(state);
    const head = text.length > width ? `${text.slice(0, width - 1)}…` : text;
    let room = width - head.length;
    const fitting: string[] = [];
    for (const fact of facts) {
      if (fact.length + 2 > room) break;
      fitting.push(fact);
      room -= fact.length + 2;
    }
    const bars = Math.min(Math.floor((room - 1) / BARS) * BARS, trend.length);
    if (bars > 0 && fitting.length === facts.length && showsSparklines(process.env)) {
      fitting[0] = `${fitting[0] ?? ''} ${sparkline(trend.slice(-bars))}`;
    }
    return [hasColours(this.#stream) ? coloured(head, colour) : head, ...fitting].join('  ');
  }
}
