import {
  asyncScheduler,
  catchError,
  concatMap,
  defer,
  map,
  of,
  switchMap,
  tap,
  throwError,
  timer,
  type NextObserver,
  type Observable,
  type SchedulerLike,
  type TimestampProvider,
} from 'rxjs';
import { AuthError, RxFrameError, ThrottledError, type RxFrameErrorCode } from '../../operators/errors.ts';
import { failureClass } from '../../operators/failure-class.ts';
import { callable, duration, knownOptions, positiveInteger, withMethod } from '../../operators/options.ts';
import { reporter } from '../../operators/reporter.ts';
import { abortable } from '../auth/abortable.ts';
import { halfCeiling } from '../auth/backoff.ts';
import { exchange } from '../auth/exchange.ts';
import { askToken, checkGivenToken, isTokenSource, type GivenToken } from '../auth/given-token.ts';
import { serverUrl } from '../auth/server-url.ts';
import { apiAnswer, LONGEST_BODY } from './api-answer.ts';
import { addressOf, nameOf, type ApiAnswer, type ApiRequest } from './api-request.ts';
import { newCorrelationId } from './correlation-id.ts';
import { RateLimiter } from './rate-limiter.ts';
import { rateWindow } from './rate-window.ts';

/** Options of {@link platformApi}. */
export interface PlatformApiOptions {
  /** Address of the API, such as `https://api.mypurecloud.de`. `http://` only where the host is this machine. */
  readonly apiUrl: string;
  /**
   * The bearer token: itself, a function that is asked at each attempt, or a {@link TokenSource}, which is told to forget
   * one that is answered with 401.
   */
  readonly token: GivenToken;
  /** How long one request may take, in milliseconds, until its answer is there as a whole. @defaultValue 10,000 */
  readonly timeout?: number;
  /** How many requests one call may cost, the first one included; one more where the token is renewed. @defaultValue 3 */
  readonly attempts?: number;
  /** What sends the requests. @defaultValue the platform's `fetch` */
  readonly fetch?: typeof globalThis.fetch;
  /** All waits and times. @defaultValue `asyncScheduler`, and `performance` for durations */
  readonly scheduler?: SchedulerLike;
  /** Where each request is reported when it has ended. It is never completed. @defaultValue nowhere */
  readonly calls?: NextObserver<ApiCallRecord>;
}

const OPTIONS = ['apiUrl', 'token', 'timeout', 'attempts', 'fetch', 'scheduler', 'calls'];

/** One request that ended by itself, for a log. Has no id, no query, no header and no body. */
export interface ApiCallRecord {
  readonly method: ApiRequest['method'];
  /** With names in braces for the ids. */
  readonly path: string;
  /** HTTP status; `undefined` where no answer came. */
  readonly status: number | undefined;
  /** What failed; `undefined` where it succeeded. */
  readonly failure: RxFrameErrorCode | undefined;
  /** The id that was sent along: the same for all requests of one call. */
  readonly correlationId: string;
  /** From sending it to having the answer as a whole, in milliseconds. */
  readonly duration: number;
  /** Counts the requests of one call, from 1. */
  readonly attempt: number;
}

/** The client that {@link platformApi} makes. */
export interface PlatformApi {
  /**
   * A cold Observable: each subscription is a call, and unsubscribing gives it up. Gives the answer, and completes.
   *
   * @throws TypeError or RangeError at once, where an id can be none
   */
  call(request: ApiRequest): Observable<ApiAnswer>;
  /** For how long the token that was used last is still good, in milliseconds; `undefined` where that is not known. */
  tokenLifeLeft(): number | undefined;
}

/**
 * **A client of the platform's REST API** that keeps its manners, for all calls together.
 *
 * | answer | what happens |
 * |---|---|
 * | 429 | no call of this client goes until `Retry-After` has passed; then this one is repeated, whatever its method: nothing was done |
 * | `inin-ratelimit-count` has reached `…-allowed` | the next calls wait for the reset instead of running into a 429 |
 * | 401 | the token is invalidated, and the call repeated once with a new one; where there is none: {@link AuthError} |
 * | 408, 5xx, no answer | GET, HEAD, PUT and DELETE are repeated with exponential backoff and jitter; POST never is, because the server may have done it (RFC 9110 section 9.2.2) |
 * | 5xx with `Retry-After` | the same, after a pause of all calls |
 * | a redirect (never followed) | {@link UrlError} |
 * | other 4xx | {@link ApiError} |
 *
 * After `attempts` requests the last failure is the call's: {@link ThrottledError}, {@link NetworkError} or
 * {@link TimeoutError}. A pause is waited out, however long the server asks for; unsubscribe where that is too long. Waiting
 * calls go in the order in which they were subscribed to, repeated ones included. The errors of a {@link TokenSource} are the
 * call's, as they are.
 *
 * Each call has an `inin-correlation-id` of its own, the same when it is repeated. No token is in any error or record.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed; {@link UrlError} where `apiUrl` is no address of
 *   a server; {@link InsecureUrlError} where the token would travel unencrypted
 * @see the platform's own clients repeat after 408, 429, 500, 502, 503 and 504: `purecloudlabs/genesys-cloud-streaming-client`,
 *   `src/http-client.ts`
 */
export function platformApi(options: PlatformApiOptions): PlatformApi {
  knownOptions('platformApi', options, OPTIONS);
  const base = serverUrl('platformApi', 'apiUrl', options.apiUrl, 'token');
  const { token } = options;
  checkGivenToken('platformApi: token', token);
  const timeout = duration('platformApi: timeout', options.timeout ?? 10_000);
  const attempts = positiveInteger('platformApi: attempts', options.attempts ?? 3);
  const fetch = options.fetch === undefined ? undefined : callable('platformApi: fetch', options.fetch);
  const scheduler = withMethod('platformApi: scheduler', 'schedule', options.scheduler ?? asyncScheduler);
  const clock: TimestampProvider = options.scheduler ?? performance;
  const report = reporter('platformApi: calls', options.calls);
  const limiter = new RateLimiter(scheduler, clock);
  let lastToken: string | undefined;

  /** Sends a request once, and judges the answer. */
  const send = (call: Call, given: string): Observable<ApiAnswer> => {
    const { request, url, correlationId, attempt } = call;
    const sentAt = clock.now();
    let status: number | undefined;
    const ended = (failure?: unknown) =>
      report({
        method: request.method,
        path: request.path,
        status,
        failure: failure instanceof RxFrameError ? failure.code : undefined,
        correlationId,
        duration: clock.now() - sentAt,
        attempt,
      });
    const sent = { request, host: url.host, correlationId, token: given };
    return abortable((signal) =>
      exchange(
        {
          method: request.method,
          url,
          headers: {
            Authorization: `Bearer ${given}`,
            'inin-correlation-id': correlationId,
            ...(request.body !== undefined && { 'Content-Type': 'application/json' }),
          },
          body: request.body === undefined ? undefined : JSON.stringify(request.body),
          what: nameOf(request),
          during: 'request',
          timeout,
          longestBody: LONGEST_BODY,
          fetch,
          scheduler,
        },
        signal,
      ),
    ).pipe(
      map(({ response, body }) => {
        status = response.status;
        const window = rateWindow(response.headers);
        if (window !== undefined) limiter.learn(window);
        return apiAnswer(sent, response, body, scheduler.now());
      }),
      tap({
        next: () => ended(),
        error: (error: unknown) => {
          if (error instanceof ThrottledError) limiter.pause(error.retryAfter ?? halfCeiling(attempt));
          ended(error);
        },
      }),
    );
  };

  /** The call's next request, in its turn. A failure of the token is no failure of the request: it is not judged here. */
  const next = (call: Call): Observable<ApiAnswer> => {
    const outcome$: Observable<Outcome> = askToken('platformApi: token', token).pipe(
      switchMap((given) => {
        lastToken = given;
        return send(call, given).pipe(
          map((answer) => ({ answer })),
          catchError((error: unknown) => of({ error, token: given })),
        );
      }),
    );
    // Outside of the turn, because a repeated call waits for another.
    return limiter
      .run(call.place, outcome$)
      .pipe(concatMap((outcome) => ('answer' in outcome ? of(outcome.answer) : again(call, outcome))));
  };

  const again = (call: Call, { error, token: refused }: Failure): Observable<ApiAnswer> => {
    const repeated = { ...call, attempt: call.attempt + 1 };
    if (error instanceof AuthError) {
      if (isTokenSource(token)) token.invalidate(refused);
      if (call.isRenewed || typeof token === 'string') return throwError(() => error);
      return next({ ...repeated, isRenewed: true });
    }
    const isLast = call.attempt >= attempts + (call.isRenewed ? 1 : 0);
    if (isLast || !mayRepeat(call.request, error)) return throwError(() => error);
    if (error instanceof ThrottledError) return next(repeated);
    const half = halfCeiling(call.attempt);
    return timer(half + Math.random() * half, scheduler).pipe(switchMap(() => next(repeated)));
  };

  return {
    call(request) {
      const url = addressOf(base, request);
      return defer(() =>
        next({
          request,
          url,
          correlationId: newCorrelationId(),
          place: limiter.place(),
          attempt: 1,
          isRenewed: false,
        }),
      );
    },
    tokenLifeLeft: () => (lastToken !== undefined && isTokenSource(token) ? token.lifeLeft?.(lastToken) : undefined),
  };
}

/** A call, and how far it has come. */
interface Call {
  readonly request: ApiRequest;
  readonly url: URL;
  readonly correlationId: string;
  /** Its place among those that wait. */
  readonly place: number;
  /** Which of its requests is made, from 1. */
  readonly attempt: number;
  /** Whether a token was refused before. */
  readonly isRenewed: boolean;
}

/** A request that failed, and the token that it was sent with. */
interface Failure {
  readonly error: unknown;
  readonly token: string;
}

type Outcome = { readonly answer: ApiAnswer } | Failure;

/** Whether a request that failed can do no harm when it is made again. */
function mayRepeat({ method }: ApiRequest, error: unknown): boolean {
  if (error instanceof ThrottledError && error.status === 429) return true;
  const failure = failureClass(error);
  return method !== 'POST' && (failure === 'transient' || failure === 'throttled');
}
