import ky from 'ky';
import type { SchedulerLike } from 'rxjs';
import { TimeoutError } from '../../operators/errors.ts';
import { agentHeader } from './agent-header.ts';
import { boundedText } from './bounded-text.ts';
import { fetchFailure } from './fetch-failure.ts';

/** One HTTP request, and how its answer is waited for. */
export interface ExchangeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** `undefined`: none. */
  readonly body: URLSearchParams | string | undefined;
  /** What the request is called in errors, such as `token request`. */
  readonly what: string;
  /** What a {@link TimeoutError} says was waited for. */
  readonly during: TimeoutError['during'];
  /** How long the answer may take as a whole, in milliseconds. */
  readonly timeout: number;
  /** The longest body that is read, in bytes. */
  readonly longestBody: number;
  /** What sends it. `undefined`: the platform's. */
  readonly fetch: typeof globalThis.fetch | undefined;
  /** What the time limit is taken from. */
  readonly scheduler: SchedulerLike;
}

/** An answer of whatever status; `body` is undefined where it is too long. */
export interface Exchanged {
  readonly response: Response;
  readonly body: string | undefined;
}

/**
 * **Sends a request and reads the answer**, whatever its status. The time limit is over both. Redirects are not followed.
 * Aborting `signal` closes the connection.
 *
 * No error has a `cause`: what ky and the platform throw can hold the request, with a secret in it, or the answer.
 *
 * @throws {@link TimeoutError} where the answer is not there in time, {@link TlsError} where the certificate does not
 *   verify, {@link NetworkError} where the connection fails
 */
export async function exchange(request: ExchangeRequest, signal: AbortSignal): Promise<Exchanged> {
  const { url, what, timeout } = request;
  const limit = new AbortController();
  const timer = request.scheduler.schedule(() => limit.abort(), timeout);
  const given = AbortSignal.any([signal, limit.signal]);
  try {
    // Retries are not ky's affair: its own count no failure of the body, and sleep for as long as a server says.
    const response = await ky(url, {
      method: request.method,
      ...(request.body !== undefined && { body: request.body }),
      headers: { Accept: 'application/json', ...agentHeader(), ...request.headers },
      redirect: 'manual',
      retry: 0,
      signal: given,
      throwHttpErrors: false,
      timeout: false,
      ...(request.fetch !== undefined && { fetch: request.fetch }),
    });
    return { response, body: await boundedText(response, request.longestBody, given) };
  } catch (error) {
    if (!limit.signal.aborted) throw fetchFailure(url.host, what, error);
    throw new TimeoutError(`${url.host} did not answer the ${what} within ${timeout} ms.`, request.during, timeout);
  } finally {
    timer.unsubscribe();
  }
}
