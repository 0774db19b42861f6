import type { FrameFacts } from '../protocol.ts';
import { byId } from './by-id.ts';
import { element } from './element.ts';
import { clock, duration, integer } from './format.ts';
import { payloadView, type PayloadView } from './payload-view.ts';

/** **One frame in full**: what is known of it, why it was rejected and where, and its payload. */
export class FrameDetail {
  readonly #panel = byId('detail');
  readonly #closed: () => void;
  #asked: AbortController | undefined;

  /** @param closed - called when somebody closes it */
  constructor(closed: () => void) {
    this.#closed = closed;
  }

  get isOpen(): boolean {
    return !this.#panel.hidden;
  }

  /** Fetches the frame and shows it. */
  async open(number: number): Promise<void> {
    this.#asked?.abort();
    const asked = new AbortController();
    this.#asked = asked;
    this.#panel.hidden = false;
    let content: readonly HTMLElement[];
    try {
      content = await fetched(number, asked.signal);
    } catch {
      content = [
        element('p', { class: 'empty' }, 'The frame could not be fetched: the inspected process does not answer.'),
      ];
    }
    if (asked.signal.aborted) return;
    this.#panel.replaceChildren(this.#head(number), ...content);
    // Below the table, where the window is narrow.
    this.#panel.scrollIntoView({ block: 'nearest' });
    this.#panel.querySelector('mark')?.scrollIntoView({ block: 'center' });
  }

  close(): void {
    if (this.#panel.hidden) return;
    this.#asked?.abort();
    this.#panel.hidden = true;
    this.#panel.replaceChildren();
    this.#closed();
  }

  #head(number: number): HTMLElement {
    const close = element('button', { type: 'button', 'aria-label': 'Close the frame', title: 'Escape' }, '✕');
    close.addEventListener('click', () => this.close());
    return element('div', { class: 'detail-head' }, element('h3', {}, `Frame ${integer(number)}`), close);
  }
}

async function fetched(number: number, signal: AbortSignal): Promise<readonly HTMLElement[]> {
  const response = await fetch(`frames/${number}`, { signal });
  if (response.status === 404) {
    return [
      element(
        'p',
        { class: 'empty' },
        'This frame is not kept any more: the inspector keeps the last 5,000 of its sample.',
      ),
    ];
  }
  const facts = (await response.json()) as FrameFacts;
  const payload = facts.hasPayload ? await payloadOf(facts, signal) : undefined;
  const none = element(
    'p',
    { class: 'empty' },
    'Its payload is not kept: the inspector keeps the last 32 MiB, and 16 MiB of what comes at once.',
  );
  return [factList(facts), ...issueList(facts, payload), payload?.element ?? none];
}

async function payloadOf(facts: FrameFacts, signal: AbortSignal): Promise<PayloadView | undefined> {
  const response = await fetch(`frames/${facts.number}/payload`, { signal });
  if (!response.ok) return undefined;
  return payloadView(new Uint8Array(await response.arrayBuffer()), facts);
}

function factList(facts: FrameFacts): HTMLElement {
  const { payloadType, outcome, stage, reason, byteLength, isBinary, checksum, latency, timestamp } = facts;
  const rows = {
    outcome: reason === undefined ? outcome : `rejected by ${stage ?? ''}: ${reason}`,
    type: payloadType ?? 'not known',
    received: `${new Date(timestamp).toISOString().slice(0, 10)} ${clock(timestamp)}`,
    size: `${integer(byteLength)} bytes, ${isBinary ? 'binary' : 'text'}`,
    latency: duration(latency),
    checksum: { pass: 'right', fail: 'wrong', none: 'not compared' }[checksum],
    connection: facts.connectionId,
    sequence: String(facts.sequence),
  };
  return element(
    'dl',
    { class: 'facts', 'data-outcome': outcome },
    ...Object.entries(rows).map(([name, value]) =>
      element('div', { 'data-fact': name }, element('dt', {}, name), element('dd', {}, value)),
    ),
  );
}

function issueList({ issues }: FrameFacts, payload: PayloadView | undefined): HTMLElement[] {
  if (issues.length === 0) return [];
  const items = issues.map(({ path, message }) => {
    const item = element('li');
    if (path !== undefined) {
      const place = element('button', { type: 'button', class: 'path', title: 'Show the place' }, path);
      place.disabled = payload?.reveal === undefined;
      place.addEventListener('click', () => payload?.reveal?.(path));
      item.append(place);
    }
    item.append(element('span', {}, message));
    return item;
  });
  return [element('ul', { class: 'issues', 'aria-label': 'Why it was rejected' }, ...items)];
}
