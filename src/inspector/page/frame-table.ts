import type { FrameRow } from '../protocol.ts';
import { byId } from './by-id.ts';
import { element } from './element.ts';
import { clock, duration, integer } from './format.ts';
import { FILTER_KEYS, frameFilter } from './frame-filter.ts';

/** How many rows are kept to be filtered, and how many are shown. */
const MOST_KEPT = 2_000;
const MOST_SHOWN = 150;

const KEYS_IN_WORDS = FILTER_KEYS.map((key) => `${key}:`).join(', ');

/** **The last frames, newest first**: filtered, held while somebody looks at one, and opened. */
export class FrameTable {
  readonly #body = byId('rows');
  readonly #filterInput = byId('filter') as HTMLInputElement;
  readonly #pauseButton = byId('pause');
  readonly #opens: (number: number) => void;
  /** Oldest first. */
  #rows: FrameRow[] = [];
  /** What has come while the table is held. */
  #waiting: FrameRow[] = [];
  #matches = frameFilter('').matches;
  #frames = 0;
  #sampled = 0;
  /** How many frames there were when it was paused. */
  #pausedAt: number | undefined;
  /** Whether it was paused as such, and not by looking at a frame. */
  #isPauseAsked = false;
  #opened: number | undefined;

  /** @param opens - called with the frame that is opened */
  constructor(opens: (number: number) => void) {
    this.#opens = opens;
    this.#filterInput.addEventListener('input', () => this.#filter());
    this.#filterInput.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown') {
        event.preventDefault();
        this.#focus(this.#body.firstElementChild);
      }
    });
    this.#pauseButton.addEventListener('click', () => this.#togglePause());
    this.#body.addEventListener('click', ({ target }) => {
      const row = target instanceof Element ? target.closest('tr') : null;
      if (row === null) return;
      this.#focus(row);
      this.#open(row);
    });
    this.#body.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Forgets the rows that it has, for others of the same stream. */
  clear(): void {
    if (this.#pausedAt === undefined) {
      this.#rows = [];
      this.#body.replaceChildren();
    }
    this.#waiting = [];
    this.#sampled = 0;
  }

  /** @param frames - how many there are of which these are a sample */
  add(rows: readonly FrameRow[], frames: number): void {
    this.#frames = frames;
    this.#sampled += rows.length;
    if (this.#pausedAt === undefined) {
      this.#rows = [...this.#rows, ...rows].slice(-MOST_KEPT);
      this.#show(rows.filter(this.#matches));
    } else {
      this.#waiting = [...this.#waiting, ...rows].slice(-MOST_KEPT);
    }
    this.#tell();
  }

  /** Shows what matches this filter. */
  filterBy(text: string): void {
    this.#filterInput.value = text;
    this.#filter();
  }

  /** Puts the cursor into the filter. */
  focusFilter(): void {
    this.#filterInput.focus();
    this.#filterInput.select();
  }

  /** Lets the rows go on, where nobody has asked for a pause. */
  release(): void {
    if (this.#pausedAt !== undefined && !this.#isPauseAsked) this.#resume();
  }

  #togglePause(): void {
    if (this.#pausedAt !== undefined) {
      this.#resume();
      return;
    }
    this.#hold();
    this.#isPauseAsked = true;
  }

  /** Holds the rows as they are. */
  #hold(): void {
    if (this.#pausedAt !== undefined) return;
    this.#pausedAt = this.#frames;
    this.#pauseButton.textContent = 'Resume';
    this.#pauseButton.setAttribute('aria-pressed', 'true');
    this.#tell();
  }

  /** The frame that was open is closed: the cursor goes back to its row. */
  closed(): void {
    const opened = this.#opened;
    this.#rowOf(opened)?.removeAttribute('aria-selected');
    this.#opened = undefined;
    this.release();
    this.#focus(this.#rowOf(opened) ?? this.#body.firstElementChild);
  }

  #resume(): void {
    this.#pausedAt = undefined;
    this.#isPauseAsked = false;
    this.#pauseButton.textContent = 'Pause';
    this.#pauseButton.setAttribute('aria-pressed', 'false');
    // All that is kept comes once more, where the page was not up to date.
    const first = this.#waiting[0]?.number ?? Infinity;
    this.#rows = [...this.#rows.filter(({ number }) => number < first), ...this.#waiting].slice(-MOST_KEPT);
    this.#waiting = [];
    this.#filter();
  }

  #filter(): void {
    const { matches, unknownKey } = frameFilter(this.#filterInput.value);
    this.#matches = matches;
    byId('filter-note').textContent =
      unknownKey === undefined ? '' : `There is no key ${unknownKey}: to filter by; there are ${KEYS_IN_WORDS}.`;
    const hadFocus = this.#hasFocus();
    this.#body.replaceChildren();
    this.#show(this.#rows.filter(this.#matches));
    if (hadFocus) this.#focus(this.#body.firstElementChild);
    this.#tell();
  }

  #show(rows: readonly FrameRow[]): void {
    if (rows.length === 0) return;
    const hadFocus = this.#hasFocus();
    this.#body.prepend(
      ...rows
        .slice(-MOST_SHOWN)
        .map((row) => this.#line(row))
        .reverse(),
    );
    while (this.#body.childElementCount > MOST_SHOWN) this.#body.lastElementChild?.remove();
    // Tab comes to one row only, arrows to the others.
    if (this.#body.querySelector('[tabindex="0"]') === null) {
      this.#body.firstElementChild?.setAttribute('tabindex', '0');
    }
    // Its row has left the table; who is in the table stays there.
    if (hadFocus && !this.#hasFocus()) this.#focus(this.#body.firstElementChild);
  }

  #hasFocus(): boolean {
    return this.#body.contains(document.activeElement);
  }

  #line(row: FrameRow): HTMLTableRowElement {
    const { number, timestamp, outcome, reason, payloadType, byteLength, latency, frameId } = row;
    const cell = (name: string, text: string) => element('td', { class: name }, text);
    return element(
      'tr',
      {
        'data-number': String(number),
        'data-outcome': outcome,
        tabindex: '-1',
        'aria-selected': number === this.#opened ? 'true' : undefined,
      },
      cell('number', integer(number)),
      cell('time', clock(timestamp)),
      cell('outcome', reason ?? outcome),
      cell('type', payloadType ?? '–'),
      cell('size', integer(byteLength)),
      cell('latency', duration(latency)),
      cell('id', frameId),
    );
  }

  #tell(): void {
    const isPaused = this.#pausedAt !== undefined;
    byId('missed').textContent = isPaused ? `${integer(this.#frames - (this.#pausedAt ?? 0))} since` : '';
    byId('shown').textContent =
      this.#sampled < this.#frames
        ? `sample: ${integer(this.#sampled)} of ${integer(this.#frames)}`
        : `all ${integer(this.#frames)}`;
    const empty = byId('no-rows');
    empty.hidden = this.#body.childElementCount > 0;
    empty.textContent = this.#rows.length === 0 ? 'No frame yet.' : 'No frame matches the filter.';
  }

  #key(event: KeyboardEvent): void {
    const row = document.activeElement?.closest('tr') ?? null;
    if (row === null) return;
    const rows = this.#body.children;
    const to: Record<string, Element | null | undefined> = {
      ArrowDown: row.nextElementSibling,
      ArrowUp: row.previousElementSibling,
      Home: rows[0],
      End: rows[rows.length - 1],
    };
    if (event.key in to) {
      this.#hold();
      const next = to[event.key] ?? null;
      this.#focus(next);
      if (this.#opened !== undefined && next !== null) this.#open(next);
    } else if (event.key === 'Enter') {
      this.#open(row);
    } else if (event.key === ' ') {
      this.#togglePause();
    } else {
      return;
    }
    event.preventDefault();
  }

  #focus(row: Element | null): void {
    if (!(row instanceof HTMLElement)) return;
    for (const other of this.#body.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1');
    row.setAttribute('tabindex', '0');
    row.focus();
  }

  #open(row: Element): void {
    this.#hold();
    this.#rowOf(this.#opened)?.removeAttribute('aria-selected');
    this.#opened = Number((row as HTMLElement).dataset['number']);
    row.setAttribute('aria-selected', 'true');
    this.#opens(this.#opened);
  }

  #rowOf(number: number | undefined): Element | null {
    return number === undefined ? null : this.#body.querySelector(`[data-number="${number}"]`);
  }
}
