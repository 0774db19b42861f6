import { defer, first, forkJoin, from, isObservable, map, of, switchMap, type Observable } from 'rxjs';
import type { TokenSource } from '../auth/token-source.ts';
import { version } from '../version.ts';
import { checkSafeForToken, webSocketUrl } from './address.ts';
import type { SocketRequest } from './socket.ts';

/** A value, or a function that is asked for it at each attempt. */
export type PerAttempt<T> = T | (() => T | Promise<T> | Observable<T>);

/** What an attempt is made of; {@link attempt} asks for each afresh. */
export interface AttemptOptions {
  readonly url: PerAttempt<string | URL>;
  readonly protocols?: PerAttempt<string | readonly string[]> | undefined;
  readonly headers?: PerAttempt<Readonly<Record<string, string>>> | undefined;
  readonly token?: PerAttempt<string> | TokenSource | undefined;
  readonly allowInsecureToken?: boolean | undefined;
}

/** What one attempt asks the server for, and the token it used, to be forgotten where it is refused. */
export interface Attempt extends Pick<SocketRequest, 'url' | 'protocols' | 'headers'> {
  readonly token: string | undefined;
}

/**
 * Asks for URL, subprotocols, headers and token: first the URL, so that no token is fetched for an address that may not
 * have it. Takes no turn of the event loop where all are at hand.
 */
export function attempt(options: AttemptOptions, sendsHeaders: boolean): Observable<Attempt> {
  return defer(() =>
    forkJoin({
      address: ask(options.url),
      protocols: ask(options.protocols ?? []),
      headers: ask(options.headers ?? {}),
    }),
  ).pipe(
    switchMap(({ address, protocols, headers }) => {
      const url = webSocketUrl(address);
      if (options.token !== undefined && options.allowInsecureToken !== true) checkSafeForToken(url);
      return askToken(options.token).pipe(
        map((token) => ({
          url: url.href,
          protocols: typeof protocols === 'string' ? [protocols] : protocols,
          headers: sendsHeaders ? upgradeHeaders(headers, token) : {},
          token,
        })),
      );
    }),
    first(),
  );
}

function ask<T>(value: PerAttempt<T>): Observable<T> {
  if (typeof value !== 'function') return of(value);
  const answer = (value as () => T | Promise<T> | Observable<T>)();
  if (isObservable(answer)) return answer.pipe(first());
  return answer instanceof Promise ? from(answer) : of(answer);
}

function askToken(token: AttemptOptions['token']): Observable<string | undefined> {
  if (token === undefined) return of(undefined);
  return isTokenSource(token) ? defer(() => token.token()) : ask(token);
}

/** Tells a {@link TokenSource} from a token. */
export function isTokenSource(token: AttemptOptions['token']): token is TokenSource {
  return typeof token === 'object' && 'invalidate' in token;
}

function upgradeHeaders(headers: Readonly<Record<string, string>>, token: string | undefined): Record<string, string> {
  const all: Record<string, string> = { Accept: 'application/json', 'User-Agent': `rxframe/${version}`, ...headers };
  if (token === undefined) return all;
  // RFC 6750 section 2.1. Node would refuse other characters too, but after this check none of them gets into an error.
  if (!/^[\w.~+/-]+=*$/.test(token))
    throw new TypeError('connect: the token has characters that a bearer token cannot have');
  return { ...all, Authorization: `Bearer ${token}` };
}
