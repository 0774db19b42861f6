import { defer, first, forkJoin, from, isObservable, last, map, of, switchMap, type Observable } from 'rxjs';
import { abortable } from '../auth/abortable.ts';
import { isBearerToken } from '../auth/bearer-token.ts';
import type { TokenSource } from '../auth/token-source.ts';
import { version } from '../version.ts';
import { checkSafeForSecrets, webSocketUrl } from './address.ts';
import type { SocketRequest } from './socket.ts';

/** A value, or a function that is asked for it at each attempt. */
export type PerAttempt<T> = T | (() => T | PromiseLike<T> | Observable<T>);

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
      protocols: ask(options.protocols ?? []).pipe(map(checkProtocols)),
      headers: ask(options.headers ?? {}).pipe(map(checkHeaders)),
    }),
  ).pipe(
    switchMap(({ address, protocols, headers }) => {
      const url = webSocketUrl(address);
      checkSafeForSecrets(url, options.token !== undefined, options.allowInsecureToken);
      return askToken(options.token).pipe(
        map((token) => ({
          url: url.href,
          protocols,
          headers: sendsHeaders ? upgradeHeaders(headers, token) : {},
          token,
        })),
      );
    }),
  );
}

/** What is known before the first attempt fails at the call. */
export function checkAttempt({ protocols, headers, token }: AttemptOptions): void {
  if (protocols !== undefined && typeof protocols !== 'function') checkProtocols(protocols);
  if (headers !== undefined && typeof headers !== 'function') checkHeaders(headers);
  if (token !== undefined && typeof token !== 'function' && !isTokenSource(token)) checkToken(token);
}

function ask<T>(value: PerAttempt<T>): Observable<T> {
  if (typeof value !== 'function') return of(value);
  const answer = (value as () => T | PromiseLike<T> | Observable<T>)();
  if (isObservable(answer)) return answer.pipe(first());
  return isPromise(answer) ? from(answer) : of(answer);
}

/** Whatever has a `then`: a promise may be of another realm, or of a library. */
function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === 'function';
}

function askToken(token: AttemptOptions['token']): Observable<string | undefined> {
  if (token === undefined) return of(undefined);
  const asked$ = isTokenSource(token) ? abortable((signal) => token.token(signal)).pipe(last()) : ask(token);
  return asked$.pipe(map(checkToken));
}

/** Tells a {@link TokenSource} from a token. */
export function isTokenSource(token: AttemptOptions['token']): token is TokenSource {
  return typeof (token as Partial<TokenSource> | null | undefined)?.invalidate === 'function';
}

/** The error about an option that may hold a secret, whose value is therefore not shown. */
function secretError(name: keyof AttemptOptions, allowed: string, value: unknown): TypeError {
  return new TypeError(`connect: ${name} must be ${allowed}, got ${value === null ? 'null' : typeof value}`);
}

function checkToken(token: unknown): string {
  const allowed = 'a bearer token (RFC 6750 section 2.1)';
  if (typeof token !== 'string') throw secretError('token', allowed, token);
  // Node would refuse other characters too, but after this check none of them gets into an error.
  if (!isBearerToken(token)) throw new TypeError(`connect: token must be ${allowed}, and has other characters`);
  return token;
}

function checkHeaders(headers: unknown): Readonly<Record<string, string>> {
  if (typeof headers !== 'object' || headers === null || !Object.values(headers).every(isString)) {
    throw secretError('headers', 'an object of strings or a function', headers);
  }
  return headers as Record<string, string>;
}

/** A token of RFC 9110 section 5.6.2. Browsers quote one that is none in their error, and it may be a secret. */
const SUBPROTOCOL = /^[!#$%&'*+.^_`|~\w-]+$/;

function checkProtocols(protocols: unknown): readonly string[] {
  if (typeof protocols === 'string') return checkProtocols([protocols]);
  if (!Array.isArray(protocols) || !protocols.every(isString)) {
    throw secretError('protocols', 'a string, an array of strings or a function', protocols);
  }
  if (!protocols.every((protocol) => SUBPROTOCOL.test(protocol)) || new Set(protocols).size < protocols.length) {
    throw new TypeError('connect: protocols must be different tokens (RFC 6455 section 4.1), and are not');
  }
  return protocols;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function upgradeHeaders(headers: Readonly<Record<string, string>>, token: string | undefined): Record<string, string> {
  return {
    Accept: 'application/json',
    'User-Agent': `rxframe/${version}`,
    ...headers,
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
}
