import type { ServerResponse } from 'node:http';
import type { ClosedMessage, FullMessage, TickMessage } from './protocol.ts';
import type { StreamWatch } from './stream-watch.ts';

/** How many pages may be open at a time. */
const MOST_PAGES = 32;
/** How long the pages may take to read the last message, in milliseconds. */
const LAST_WAIT = 500;
/** After how long a page that has lost the connection tries anew, in milliseconds. */
const RETRY = 2_000;

/** **The pages that look on**, by Server-Sent Events. One that reads too slowly misses ticks, and then gets all that is kept. */
export class LivePages {
  /** Whether each has all that was sent so far. */
  readonly #pages = new Map<ServerResponse, boolean>();

  /** Takes a page in, whose headers are set; it gets its first message with the next tick. */
  add(response: ServerResponse): void {
    if (this.#pages.size >= MOST_PAGES) {
      response.writeHead(503).end();
      return;
    }
    this.#pages.set(response, false);
    response.on('close', () => this.#pages.delete(response));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`retry: ${RETRY}\n\n`);
  }

  /** Sends what happened since the last tick. */
  tick(watch: StreamWatch): void {
    const tick = watch.tick();
    if (this.#pages.size === 0) return;
    const tickEvent = event('tick', tick);
    let fullEvent: string | undefined;
    for (const [response, isCurrent] of this.#pages) {
      const mayWrite = !response.writableNeedDrain;
      this.#pages.set(response, mayWrite);
      if (mayWrite) response.write(isCurrent ? tickEvent : (fullEvent ??= event('full', watch.full())));
    }
  }

  /** Sends the last there is, and ends the pages; who does not read is not waited for. */
  async end(watch: StreamWatch): Promise<void> {
    this.tick(watch);
    const last = event('closed', { time: Date.now() });
    const ends = [...this.#pages].flatMap(([response, isCurrent]) =>
      isCurrent ? [new Promise((resolve) => response.on('close', resolve).end(last))] : [],
    );
    if (ends.length === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, LAST_WAIT)));
    await Promise.race([Promise.all(ends), late]);
    clearTimeout(timer);
  }
}

/** JSON has no line break of its own, so that it is one line of data. */
function event(name: 'tick' | 'full' | 'closed', message: TickMessage | FullMessage | ClosedMessage): string {
  return `event: ${name}\ndata: ${JSON.stringify(message)}\n\n`;
}
