import {
  asyncScheduler,
  firstValueFrom,
  fromEvent,
  map,
  merge,
  share,
  type Observable,
  type SchedulerLike,
  type TimestampProvider,
} from 'rxjs';
import {
  callable,
  duration,
  knownOptions,
  oneOf,
  optionError,
  positiveInteger,
  withMethod,
} from '../../operators/options.ts';
import { requestToken } from './request-token.ts';
import { retrying } from './retrying.ts';
import { below, serverUrl } from './server-url.ts';
import type { TokenAnswer } from './token-answer.ts';
import type { TokenSource } from './token-source.ts';

/** Options of {@link clientCredentials}. */
export interface ClientCredentialsOptions {
  /**
   * Absolute address of the login server, such as `https://login.mypurecloud.de`: the token endpoint is
   * `{loginUrl}/oauth/token`. `http://` only where the host is this machine.
   */
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The scopes asked for (RFC 6749 section 3.3); none: the server decides. @defaultValue `streaming:subscribe`, `interaction:read` */
  readonly scopes?: readonly string[];
  /**
   * Where id and secret travel (RFC 6749 section 2.3.1): HTTP Basic, each form-encoded before, or `client_id` and
   * `client_secret` in the body. @defaultValue `'header'`
   */
  readonly credentialsIn?: 'header' | 'body';
  /** How many requests one call may cost, the first one included. @defaultValue 3 */
  readonly attempts?: number;
  /** How long one request may take, in milliseconds, until its answer is there as a whole. @defaultValue 10,000 */
  readonly timeout?: number;
  /** What sends the requests. @defaultValue the platform's `fetch` */
  readonly fetch?: typeof globalThis.fetch;
  /** All waits, and the life of tokens. @defaultValue `asyncScheduler`, and `performance` for the life of tokens */
  readonly scheduler?: SchedulerLike;
}

const OPTIONS = [
  'loginUrl',
  'clientId',
  'clientSecret',
  'scopes',
  'credentialsIn',
  'attempts',
  'timeout',
  'fetch',
  'scheduler',
];

const DEFAULT_SCOPES = ['streaming:subscribe', 'interaction:read'];

/** The {@link TokenSource} that {@link clientCredentials} makes. */
export interface ClientCredentials extends TokenSource {
  token(signal?: AbortSignal): Promise<string>;
  /** Known of the last token only, until it is invalidated, and where the server said how long it is good. */
  lifeLeft(token: string): number | undefined;
}

/** A token is given out until so long before it expires, in milliseconds. */
const MARGIN = 60_000;

/**
 * **Gets tokens by the OAuth 2 client credentials grant** (RFC 6749 section 4.4), and keeps them while they are good.
 *
 * A token is asked for when one is needed, and given out until 60 s before it expires, by the monotonic clock; one that
 * lives no longer, or with no `expires_in`, is not kept. Callers that come while a request is under way share it. A
 * failure is theirs alone: the next caller asks anew. A caller whose `signal` is aborted leaves with its reason; when the
 * last one has left, the request is given up.
 *
 * | answer | what happens |
 * |---|---|
 * | 429, 5xx, no answer | asked again with exponential backoff and jitter, `attempts` times in all; a `Retry-After` of up to 30 s is waited out, a longer one is an error at once, for `reconnect` to wait |
 * | 429, 5xx with `Retry-After` | {@link ThrottledError} |
 * | other 5xx, a connection that fails | {@link NetworkError} |
 * | nothing in time | {@link TimeoutError} |
 * | a redirect (never followed), 404, 405, 410 | {@link UrlError} |
 * | other 4xx, an answer that holds no usable token | {@link AuthError} |
 * | a certificate that does not verify | {@link TlsError} |
 * | a `scope` that lacks one that was asked for | {@link ScopeError} |
 *
 * `invalidate(token)` forgets the token only where it is still the one kept. `invalidate()` also keeps a request that is
 * under way from being kept or shared any further. Neither secret nor token is in any error, or a member of anything.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed; {@link UrlError} where `loginUrl` is no
 *   address of a server; {@link InsecureUrlError} where the secret would travel unencrypted
 */
export function clientCredentials(options: ClientCredentialsOptions): ClientCredentials {
  knownOptions('clientCredentials', options, OPTIONS);
  const attempts = positiveInteger('clientCredentials: attempts', options.attempts ?? 3);
  const scheduler = withMethod('clientCredentials: scheduler', 'schedule', options.scheduler ?? asyncScheduler);
  const clock: TimestampProvider = options.scheduler ?? performance;
  const loginUrl = serverUrl('clientCredentials', 'loginUrl', text('loginUrl', options.loginUrl), 'secret');
  const request = {
    url: below(loginUrl, '/oauth/token'),
    clientId: text('clientId', options.clientId),
    clientSecret: text('clientSecret', options.clientSecret),
    scopes: scopeTokens(options.scopes ?? DEFAULT_SCOPES),
    credentialsIn: oneOf(
      'clientCredentials: credentialsIn',
      ['header', 'body'],
      options.credentialsIn ?? ('header' as const),
    ),
    timeout: duration('clientCredentials: timeout', options.timeout ?? 10_000),
    fetch: options.fetch === undefined ? undefined : callable('clientCredentials: fetch', options.fetch),
    scheduler,
    clock,
  };
  let kept: TokenAnswer | undefined;

  /** Asks when the first caller subscribes, and anew after that request has ended, or its last caller has left. */
  const asking = (): Observable<string> => {
    const asked$ = retrying(attempts, (signal) => requestToken(request, signal), scheduler).pipe(
      map((answer) => {
        if (asked$ === answer$) kept = answer;
        return answer.token;
      }),
      share(),
    );
    return asked$;
  };
  let answer$ = asking();

  return {
    async token(signal) {
      signal?.throwIfAborted();
      if (kept !== undefined && clock.now() < kept.expiresAt - MARGIN) return kept.token;
      return firstValueFrom(signal === undefined ? answer$ : merge(answer$, failureOf(signal)));
    },
    invalidate(token) {
      if (token === undefined) answer$ = asking();
      if (token === undefined || token === kept?.token) kept = undefined;
    },
    lifeLeft(token) {
      if (token !== kept?.token || kept.expiresAt === -Infinity) return undefined;
      return Math.max(0, kept.expiresAt - clock.now());
    },
  };
}

/** Fails when the signal is aborted, with its reason. */
function failureOf(signal: AbortSignal): Observable<never> {
  return fromEvent(signal, 'abort', () => {
    throw signal.reason;
  });
}

/** A string with something in it. The value is not shown: it might be the secret. */
function text(name: string, value: string): string {
  if (typeof value !== 'string') {
    throw new TypeError(`clientCredentials: ${name} must be a non-empty string, got ${typeof value}`);
  }
  if (value === '') throw new RangeError(`clientCredentials: ${name} must be a non-empty string, got ""`);
  return value;
}

/** RFC 6749 section 3.3: printable ASCII without space, quote and backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

function scopeTokens(scopes: readonly string[]): readonly string[] {
  if (!Array.isArray(scopes)) throw optionError('clientCredentials: scopes', 'an array of strings', scopes, true);
  return scopes.map((scope: unknown, index) => {
    if (typeof scope === 'string' && SCOPE.test(scope)) return scope;
    throw optionError(
      `clientCredentials: scopes[${index}]`,
      'a scope, in printable ASCII without space, quote and backslash',
      scope,
      typeof scope !== 'string',
    );
  });
}
