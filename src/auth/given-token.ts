import { defer, last, map, type Observable } from 'rxjs';
import { abortable } from './abortable.ts';
import { isBearerToken } from './bearer-token.ts';
import { ask, type PerAttempt } from './per-attempt.ts';
import type { TokenSource } from './token-source.ts';

/** A token as the user gives it: itself, a function that is asked at each attempt, or a source that is told of a refusal. */
export type GivenToken = PerAttempt<string> | TokenSource;

/** Tells a {@link TokenSource} from a token. */
export function isTokenSource(token: GivenToken | undefined): token is TokenSource {
  return typeof (token as Partial<TokenSource> | null | undefined)?.invalidate === 'function';
}

/** What is known before the first attempt. @throws TypeError where it is no token; `where` begins it. */
export function checkGivenToken(where: string, token: GivenToken): void {
  if (typeof token !== 'function' && !isTokenSource(token)) checkToken(where, token);
}

/** Asks for the token of one attempt. Fails with a TypeError where it is none; `where` begins it. */
export function askToken(where: string, token: GivenToken): Observable<string> {
  return defer(() =>
    isTokenSource(token) ? abortable((signal) => token.token(signal)).pipe(last()) : ask(token),
  ).pipe(map((given) => checkToken(where, given)));
}

function checkToken(where: string, token: unknown): string {
  const allowed = 'a bearer token (RFC 6750 section 2.1)';
  // The value is not shown: it may be the secret.
  if (typeof token !== 'string') {
    throw new TypeError(`${where} must be ${allowed}, got ${token === null ? 'null' : typeof token}`);
  }
  // Node would refuse other characters too, but after this check none of them gets into an error.
  if (!isBearerToken(token)) throw new TypeError(`${where} must be ${allowed}, and has other characters`);
  return token;
}
