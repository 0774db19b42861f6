/** One thing that happens on a line. */
export interface Mark {
  /** In milliseconds of virtual time. */
  readonly at: number;
  readonly kind: 'next' | 'error' | 'complete' | 'unsubscribed';
  /** The letter of a value. */
  readonly letter?: string;
  /** Whether the value is a rejected frame. */
  readonly rejected?: boolean;
}

/** One Observable over time. */
export interface Line {
  readonly label: string;
  /** When it was subscribed to. */
  readonly from: number;
  readonly marks: readonly Mark[];
}

/** What letters stand for; `#` is an error, `!` the end of a subscription. */
export interface Meaning {
  readonly letters: readonly string[];
  readonly rejected: boolean;
  readonly text: string;
}

/** A marble diagram: what comes in, the call in its box, what comes out. */
export interface Picture {
  readonly call: string;
  readonly inputs: readonly Line[];
  readonly outputs: readonly Line[];
  readonly meanings: readonly Meaning[];
  /** The same in words. */
  readonly description: string;
}

/** All in pixels. */
const MILLISECOND = 30;
const LEAST_WIDTH = 560;
const RADIUS = 12;
const ROW = 44;
const BOX = 36;
const BREAK = 84;
const LEGEND_ROW = 32;
const SYMBOL = 30;
const LETTER = 7.9;
const PADDING = 20;

/** A longer time in which nothing happens, in milliseconds, is drawn as a break. */
const LONGEST_GAP = 12;

/** Fills that carry dark letters, on a light page and on a dark one. */
const FILLS = ['#b8d8f8', '#c8e6c0', '#fbe0a8', '#dccdf5', '#b9e4e2', '#f3cfe0'];

const STYLE = `
.card{fill:#fff;stroke:#d8dde3}.line,.tick,.bar,.cut{stroke:#5a6470;stroke-width:1.5;fill:none}.bar{stroke-width:2.5}
.gap{stroke:#fff;stroke-width:7}.box{fill:#f1f4f8;stroke:#9aa5b1}.arrow{fill:#5a6470}.value{stroke:#3c4650;stroke-width:1.2}
.rejected{fill:#ffd3cb;stroke:#c23b22;stroke-width:1.8}.error{stroke:#c23b22;stroke-width:3;fill:none}
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#24292f}
.letter{fill:#16191d;text-anchor:middle;font-weight:600}.call,.time{text-anchor:middle}.time{font-size:10.5px;fill:#5a6470}
@media (prefers-color-scheme:dark){.card{fill:#1b1f24;stroke:#3a424b}.gap{stroke:#1b1f24}.box{fill:#272d35;stroke:#5c6773}
.line,.tick,.bar,.cut{stroke:#a3adb8}.arrow{fill:#a3adb8}text{fill:#e4e8ec}.letter{fill:#16191d}.time{fill:#a3adb8}.error{stroke:#ff8a73}}
`.replaceAll('\n', '');

/** A stretch of the time axis. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly isBreak: boolean;
}

/** **Draws a marble diagram as an SVG** that is legible on a light page and on a dark one. */
export function drawMarbles({ call, inputs, outputs, meanings, description }: Picture): string {
  const lines = [...inputs, ...outputs];
  const left = PADDING + Math.max(...lines.map(({ label }) => label.length)) * LETTER + 14 + RADIUS;
  const stretches = stretchesOf(lines, left);
  const x = (time: number) => place(stretches, time);
  const right = Math.max(x(lastTime(lines)) + 40, left + call.length * LETTER + 24, LEAST_WIDTH - PADDING);
  const body: string[] = [];

  let y = PADDING + ROW / 2 - 4;
  for (const line of inputs) {
    body.push(lineOf(line, { x, y, right, stretches }));
    y += ROW;
  }
  const boxTop = y - ROW / 2 + 4;
  body.push(
    `<rect class="box" x="${left - RADIUS - 2}" y="${boxTop}" width="${round(right - left + RADIUS + 6)}" height="${BOX}" rx="6"/>`,
    text('call', (left + right - RADIUS) / 2, boxTop + BOX / 2 + 4.5, call),
  );
  y = boxTop + BOX + ROW / 2 + 2;
  for (const line of outputs) {
    body.push(lineOf(line, { x, y, right, stretches }));
    y += ROW;
  }
  y -= ROW / 2 - 6;
  body.push(axis(stretches, x, lastTime(lines), y));
  y += 42;
  const width = Math.max(right + PADDING, ...meanings.map((meaning) => widthOf(meaning) + PADDING));
  let column = PADDING;
  for (const meaning of meanings) {
    if (column > PADDING && column + widthOf(meaning) > width) {
      column = PADDING;
      y += LEGEND_ROW;
    }
    const { letters, rejected } = meaning;
    letters.forEach((letter, index) => {
      body.push(symbolOf({ letter, rejected }, column + RADIUS + index * SYMBOL, y));
    });
    body.push(text('', column + letters.length * SYMBOL + 2, y + 4.5, meaning.text));
    column += widthOf(meaning);
  }
  const height = y + (meanings.length > 0 ? 30 : -14);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${Math.ceil(height)}" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" role="img">`,
    `<title>${escaped(call)}</title>`,
    `<desc>${escaped(description)}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${Math.ceil(width) - 1}" height="${Math.ceil(height) - 1}" rx="8"/>`,
    ...body,
    '</svg>\n',
  ].join('\n');
}

interface Place {
  readonly x: (time: number) => number;
  readonly y: number;
  readonly right: number;
  readonly stretches: readonly Stretch[];
}

function lineOf({ label, from, marks }: Line, { x, y, right, stretches }: Place): string {
  const end = marks.find(({ kind }) => kind !== 'next')?.at;
  const start = x(from) - RADIUS - 2;
  const stop = end === undefined ? right - 6 : x(end);
  const parts = [
    text('', PADDING, y + 4.5, label),
    `<path class="line" d="M${round(start)} ${y}H${round(stop)}"/>`,
    ...(end === undefined ? [`<path class="arrow" d="M${round(stop + 6)} ${y}l-9 -4.5v9z"/>`] : []),
  ];
  for (const stretch of stretches.filter((one) => one.isBreak && one.from >= from && one.to <= (end ?? Infinity))) {
    const middle = round(stretch.left + BREAK / 2);
    parts.push(
      `<path class="gap" d="M${middle} ${y - 8}V${y + 8}"/>`,
      `<path class="cut" d="M${middle - 7} ${y + 6}l6 -12M${middle + 1} ${y + 6}l6 -12"/>`,
    );
  }
  // What ends a line is drawn first: a value of the same time then lies on it.
  for (const mark of marks.filter(({ kind }) => kind !== 'next')) parts.push(endOf(mark, x(mark.at), y));
  for (const mark of marks.filter(({ kind }) => kind === 'next')) {
    const together = marks.filter((other) => other.kind === 'next' && other.at === mark.at);
    const aside = (together.indexOf(mark) - (together.length - 1) / 2) * (2 * RADIUS + 2);
    parts.push(symbolOf({ letter: mark.letter ?? '', rejected: mark.rejected === true }, x(mark.at) + aside, y));
  }
  return parts.join('');
}

function endOf({ kind }: Mark, x: number, y: number): string {
  if (kind === 'complete') return `<path class="bar" d="M${round(x)} ${y - 18}v36"/>`;
  if (kind === 'error') return `<path class="error" d="M${round(x - 8)} ${y - 8}l16 16m0 -16l-16 16"/>`;
  return `<path class="cut" d="M${round(x)} ${y - 9}v18M${round(x)} ${y - 9}h-5M${round(x)} ${y + 9}h-5"/>`;
}

/** A circle with its letter; a diamond for what is rejected; a cross for an error. */
function symbolOf({ letter, rejected }: { letter: string; rejected: boolean }, x: number, y: number): string {
  if (letter === '#') return endOf({ at: 0, kind: 'error' }, x, y);
  if (letter === '!') return endOf({ at: 0, kind: 'unsubscribed' }, x, y);
  const half = RADIUS + 3;
  const shape = rejected
    ? `<path class="rejected" d="M${round(x)} ${y - half}l${half} ${half}l-${half} ${half}l-${half} -${half}z"/>`
    : `<circle class="value" cx="${round(x)}" cy="${y}" r="${RADIUS}" fill="${fillOf(letter)}"/>`;
  return shape + text('letter', x, y + 4.5, letter);
}

function axis(stretches: readonly Stretch[], x: (time: number) => number, last: number, y: number): string {
  const parts: string[] = [];
  for (const { from, to, left, isBreak } of stretches) {
    if (isBreak) {
      parts.push(text('time', left + BREAK / 2, y + 15, duration(to - from)));
      continue;
    }
    for (let time = Math.ceil(from); time <= to; time++) {
      parts.push(`<path class="tick" d="M${round(x(time))} ${y}v${time % 5 === 0 ? 6 : 3}"/>`);
      if (time % 5 === 0 && last < 1_000) parts.push(text('time', x(time), y + 18, `${time}`));
    }
  }
  parts.push(text('time', x(last) + 26, y + 18, 'ms'));
  return parts.join('');
}

/** The time axis, in order: what is near together to scale, long gaps as breaks. */
function stretchesOf(lines: readonly Line[], left: number): Stretch[] {
  const times = [...new Set([0, ...lines.flatMap(({ from, marks }) => [from, ...marks.map(({ at }) => at)])])];
  times.sort((a, b) => a - b);
  const stretches: Stretch[] = [];
  let from = 0;
  let at = left;
  const push = (to: number, isBreak: boolean) => {
    stretches.push({ from, to, left: at, isBreak });
    at += isBreak ? BREAK : (to - from) * MILLISECOND;
    from = to;
  };
  times.forEach((time, index) => {
    const before = times[index - 1] ?? 0;
    if (time - before <= LONGEST_GAP) return;
    push(before, false);
    push(time, true);
  });
  push(times.at(-1) ?? 0, false);
  return stretches;
}

function place(stretches: readonly Stretch[], time: number): number {
  const stretch = stretches.find(({ to }) => time <= to) ?? stretches[0];
  if (stretch === undefined) return 0;
  const along = time - stretch.from;
  return stretch.left + (stretch.isBreak ? (along / (stretch.to - stretch.from)) * BREAK : along * MILLISECOND);
}

function lastTime(lines: readonly Line[]): number {
  return Math.max(...lines.flatMap(({ from, marks }) => [from, ...marks.map(({ at }) => at)]));
}

/** The place that it takes in the legend, with the space to the next one. */
function widthOf({ letters, text: { length } }: Meaning): number {
  return letters.length * SYMBOL + 2 + length * LETTER + PADDING;
}

/** The same colour for a letter and its capital. */
function fillOf(letter: string): string {
  const code = letter.toLowerCase().charCodeAt(0);
  return FILLS[code % FILLS.length] ?? '';
}

function duration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${milliseconds / 1_000} s`;
}

function text(className: string, x: number, y: number, content: string): string {
  const attribute = className === '' ? '' : ` class="${className}"`;
  return `<text${attribute} x="${round(x)}" y="${round(y)}">${escaped(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
