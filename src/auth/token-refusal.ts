import { AuthError, NetworkError, ThrottledError, UrlError, type RxFrameError } from '../../operators/errors.ts';
import { printable } from '../../operators/printable.ts';
import { retryAfterMs } from '../../operators/retry-after.ts';

/** Statuses that say that there is no token endpoint at this address. */
const NO_SUCH_ENDPOINT = [404, 405, 410];

/**
 * **The error for a token request that was answered with no success.**
 *
 * @param body - the answer's body; undefined where it was too long to be read
 * @param secrets - what must not get into the message, should the server echo it
 * @param now - the time that a date in `Retry-After` is compared with, in milliseconds since the epoch
 */
export function tokenRefusal(
  host: string,
  response: Response,
  body: string | undefined,
  secrets: readonly string[],
  now: number,
): RxFrameError {
  const { status } = response;
  // A browser shows a redirect as status 0.
  if (status < 400) {
    return new UrlError(
      `${host} answered the token request with ${status}, a redirect. Redirects are not followed: check loginUrl.`,
    );
  }
  if (NO_SUCH_ENDPOINT.includes(status)) {
    return new UrlError(`${host} answered the token request with ${status}: it has no token endpoint. Check loginUrl.`);
  }
  const retryAfter = retryAfterMs(response.headers.get('Retry-After'), now);
  if (status === 429 || (status >= 500 && retryAfter !== undefined)) {
    const wait = retryAfter === undefined ? '' : ` and asks to wait ${retryAfter / 1000} s`;
    return new ThrottledError(`${host} answered the token request with ${status}${wait}.`, status, retryAfter);
  }
  if (status >= 500) return new NetworkError(`${host} answered the token request with ${status}.`);

  const oauthError = errorMember(body, secrets);
  const answer = oauthError === undefined ? `${status}` : `${status} ${oauthError}`;
  return new AuthError(`Authentication failed: ${host} answered ${answer}. ${advice(oauthError)}`, status, oauthError);
}

function advice(oauthError: string | undefined): string {
  return oauthError === 'invalid_scope'
    ? 'Check scopes, and that the client may have them.'
    : 'Check clientId and clientSecret, and that the client may use the client credentials grant.';
}

/** The `error` member of an OAuth error answer (RFC 6749 section 5.2), where there is one. */
function errorMember(body: string | undefined, secrets: readonly string[]): string | undefined {
  let error: unknown;
  try {
    error = (JSON.parse(body ?? '') as { error?: unknown } | null)?.error;
  } catch {
    return undefined;
  }
  if (typeof error !== 'string' || error === '' || secrets.some((secret) => error.includes(secret))) return undefined;
  return printable(error);
}
