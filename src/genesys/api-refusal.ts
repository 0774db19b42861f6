import {
  ApiError,
  AuthError,
  NetworkError,
  ThrottledError,
  UrlError,
  type RxFrameError,
} from '../../operators/errors.ts';
import { printable } from '../../operators/printable.ts';
import { retryAfterMs } from '../../operators/retry-after.ts';
import { nameOf, type SentRequest } from './api-request.ts';

/**
 * **The error for a REST call that was answered with no success.**
 *
 * @param body - the answer's body; undefined where it was too long to be read
 * @param now - the time that a date in `Retry-After` is compared with, in milliseconds since the epoch
 */
export function apiRefusal(sent: SentRequest, response: Response, body: string | undefined, now: number): RxFrameError {
  const { status } = response;
  const answered = `${sent.host} answered the ${nameOf(sent.request)} with ${status}`;
  // A browser shows a redirect as status 0.
  if (status < 400) return new UrlError(`${answered}, a redirect. Redirects are not followed: check apiUrl.`);

  const told = (text: unknown) => tellable(text, sent.token);
  const { code, message, contextId } = errorBody(body);
  const platformCode = told(code);
  const correlationId = told(response.headers.get('inin-correlation-id')) ?? sent.correlationId;
  const said = told(message)?.replace(/\.$/, '');
  const reason = `${platformCode === undefined ? '' : ` ${platformCode}`}${said === undefined ? '' : `: ${said}`}`;
  const retryAfter = retryAfterMs(response.headers.get('Retry-After'), now);
  const patience = retryAfter === undefined ? '' : ` It asks to wait ${retryAfter / 1000} s.`;
  const refused = `${answered}${reason} (correlation id ${correlationId}).`;

  if (status === 429 || (status >= 500 && retryAfter !== undefined)) {
    return new ThrottledError(`${refused}${patience}`, status, retryAfter);
  }
  if (status === 408 || status >= 500) return new NetworkError(refused);
  if (status === 401) {
    return new AuthError(
      `Authentication failed: ${refused} Check that the token has not expired, and is one of this region.`,
      status,
    );
  }
  return new ApiError(refused, { status, platformCode, contextId: told(contextId), correlationId });
}

/** The platform's error body, as far as it is one: each member may be anything. */
function errorBody(body: string | undefined): { code?: unknown; message?: unknown; contextId?: unknown } {
  try {
    return (JSON.parse(body ?? '') as object | null) ?? {};
  } catch {
    return {};
  }
}

/** What the server said, in one line of bounded length; undefined where it said nothing, or what nobody should see. */
function tellable(text: unknown, secret: string): string | undefined {
  if (typeof text !== 'string' || text === '' || text.includes(secret)) return undefined;
  return printable(text);
}
