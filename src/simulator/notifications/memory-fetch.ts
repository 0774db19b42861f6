import type { Clock, Timer } from '../clock.ts';
import { LONGEST_BODY, type HttpRequest, type HttpResponse } from '../http-message.ts';

/** Options of {@link memoryFetch}. */
export interface MemoryFetchOptions {
  readonly clock: Clock;
  /** How long the next answer takes, in milliseconds. */
  readonly delay: () => number;
  /** Answers a request; undefined where nothing listens at that address. */
  readonly answer: (url: URL, request: HttpRequest) => HttpResponse | undefined;
}

/** A `fetch` in memory. */
export interface MemoryFetch {
  readonly fetch: typeof globalThis.fetch;
  /** Breaks off what is not answered yet. */
  stop(): void;
}

async function requestOf(request: Request, url: URL): Promise<HttpRequest> {
  const body = await request.text();
  return {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(request.headers),
    body: body.length > LONGEST_BODY ? undefined : body,
  };
}

/** What `fetch` rejects with where nothing could be reached. */
function unreachable(host: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(`nothing listens at ${host}`) });
}

/**
 * **A `fetch` without a network, in the time of a clock**: the request is answered when half the time has passed, and the
 * answer is there after the other half. It can be aborted at any time; the server may have done its work by then.
 */
export function memoryFetch({ clock, delay, answer }: MemoryFetchOptions): MemoryFetch {
  /** What breaks off the exchanges under way. */
  const breakOffs = new Set<(reason: unknown) => void>();

  async function exchange(request: Request): Promise<Response> {
    const { signal } = request;
    const url = new URL(request.url);
    const asked = await requestOf(request, url);
    signal.throwIfAborted();
    return new Promise<Response>((resolve, reject) => {
      let timer: Timer;
      const aborted = (): void => breakOff(signal.reason);
      const done = (): void => {
        timer.unsubscribe();
        signal.removeEventListener('abort', aborted);
        breakOffs.delete(breakOff);
      };
      const breakOff = (reason: unknown): void => {
        done();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the signal was aborted with
        reject(reason);
      };
      const half = delay() / 2;
      timer = clock.schedule(() => {
        const given = answer(url, asked);
        timer = clock.schedule(() => {
          done();
          if (given === undefined) reject(unreachable(url.host));
          else resolve(new Response(given.body === '' ? null : given.body, given));
        }, Math.ceil(half));
      }, Math.floor(half));
      signal.addEventListener('abort', aborted);
      breakOffs.add(breakOff);
    });
  }

  return {
    fetch: async (input, init) => exchange(new Request(input, init)),
    stop: () => {
      for (const breakOff of breakOffs) breakOff(unreachable('the simulator, which was stopped'));
    },
  };
}
