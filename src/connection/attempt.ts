import { defer, forkJoin, map, of, switchMap, type Observable } from 'rxjs';
import { askToken, checkGivenToken, type GivenToken } from '../auth/given-token.ts';
import { ask, type PerAttempt } from '../auth/per-attempt.ts';
import { version } from '../version.ts';
import { checkSafeForSecrets, webSocketUrl } from './address.ts';
import type { SocketRequest } from './socket.ts';

/** What an attempt is made of; {@link attempt} asks for each afresh. */
export interface AttemptOptions {
  readonly url: PerAttempt<string | URL>;
  readonly protocols?: PerAttempt<string | readonly string[]> | undefined;
  readonly headers?: PerAttempt<Readonly<Record<string, string>>> | undefined;
  readonly token?: GivenToken | undefined;
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
      const token$: Observable<string | undefined> =
        options.token === undefined ? of(undefined) : askToken('connect: token', options.token);
      return token$.pipe(
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
  if (token !== undefined) checkGivenToken('connect: token', token);
}

/** The error about an option that may hold a secret, whose value is therefore not shown. */
function secretError(name: keyof AttemptOptions, allowed: string, value: unknown): TypeError {
  return new TypeError(`connect: ${name} must be ${allowed}, got ${value === null ? 'null' : typeof value}`);
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
