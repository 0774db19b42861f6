import {
  asyncScheduler,
  concatMap,
  concatWith,
  defer,
  map,
  merge,
  NEVER,
  Observable,
  of,
  retryWhen,
  Subject,
  take,
  takeWhile,
  throwError,
  timer,
  type MonoTypeOperatorFunction,
  type NextObserver,
  type SchedulerLike,
} from 'rxjs';
import type { ConnectionState } from './connection-state.ts';
import { ClosedError, RxFrameError } from './errors.ts';
import { failureClass, type FailureClass } from './failure-class.ts';
import {
  callable,
  duration,
  durationOrZero,
  knownOptions,
  oneOf,
  optionError,
  positiveIntegerOrInfinity,
  withMethod,
} from './options.ts';
import { reporter } from './reporter.ts';
import { RetryPolicy, type RetryLimits } from './retry-policy.ts';
import { wakeUp$ } from './wake-up.ts';

/** Options of {@link reconnect}. */
export interface ReconnectOptions {
  /** Ceiling of the first delay, in milliseconds; it doubles from failure to failure. @defaultValue 1,000 */
  readonly initialDelay?: number;
  /** Highest ceiling, in milliseconds. @defaultValue 30,000 */
  readonly maxDelay?: number;
  /** How many connections in a row may fail before the stream does, with a {@link GaveUpError}. @defaultValue Infinity */
  readonly maxAttempts?: number;
  /** For how long a connection must have been open for the counts to start anew, in milliseconds. @defaultValue 30,000 */
  readonly stableAfter?: number;
  /** Delay after a failure of class `auth`, in milliseconds. @defaultValue 2,000 */
  readonly authDelay?: number;
  /** How many failures of class `auth` in a row end the stream, with the last of them. @defaultValue 3 */
  readonly maxAuthFailures?: number;
  /** How many failures of class `protocol`, with no stable connection between, end the stream. @defaultValue 5 */
  readonly maxProtocolFailures?: number;
  /** What happens when the source completes (close code 1000): the stream does too, or connects anew with backoff. @defaultValue `'complete'` */
  readonly onComplete?: 'complete' | 'reconnect';
  /** Tells the class of an error. @defaultValue {@link failureClass} */
  readonly classify?: (error: unknown) => FailureClass;
  /** Where `waiting` and `failed` are reported; the Observer that `connect` has, too. @defaultValue nowhere */
  readonly state?: NextObserver<ConnectionState>;
  /**
   * Each emission ends a running backoff wait at once. It does not shorten a wait that the server asked for. Subscribed to once,
   * for as long as the stream; its error is the stream's.
   * @defaultValue in a browser, the network coming back and the page becoming visible; elsewhere nothing
   */
  readonly wakeUp$?: Observable<unknown>;
  /** Random numbers from 0 up to 1, for the jitter. @defaultValue `Math.random` */
  readonly random?: () => number;
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

const OPTIONS = [
  'initialDelay',
  'maxDelay',
  'maxAttempts',
  'stableAfter',
  'authDelay',
  'maxAuthFailures',
  'maxProtocolFailures',
  'onComplete',
  'classify',
  'state',
  'wakeUp$',
  'random',
  'scheduler',
];

/**
 * **Subscribes to the source again when it fails, as the failure deserves.**
 *
 * | class | what happens |
 * |---|---|
 * | `auth` | again after `authDelay`; the failure is the stream's after `maxAuthFailures` in a row |
 * | `throttled` | again after what the server asked for, with jitter on top |
 * | `transient` | again after exponential backoff with full jitter: a random time below a ceiling that doubles up to `maxDelay` |
 * | `protocol` | the same; `GaveUpError` after `maxProtocolFailures` with no stable connection between |
 * | `fatal` | the failure is the stream's at once |
 * | `done` | completes |
 *
 * A connection counts as stable when it was open for `stableAfter`; only then the counts and the backoff start anew, so that
 * a server that accepts and drops at once is not hammered.
 *
 *     source    --a--b--#               1006
 *                        ~~~~--c--d--|  after a wait
 *     out       --a--b--------c--d--|
 *
 * @see Full jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function reconnect<T>(options: ReconnectOptions = {}): MonoTypeOperatorFunction<T> {
  knownOptions('reconnect', options, OPTIONS);
  const limits = retryLimits(options);
  const classify = callable('reconnect: classify', options.classify ?? failureClass);
  const random = callable('reconnect: random', options.random ?? Math.random);
  const onComplete = oneOf('reconnect: onComplete', ['complete', 'reconnect'], options.onComplete ?? 'complete');
  const scheduler = withMethod('reconnect: scheduler', 'schedule', options.scheduler ?? asyncScheduler);
  const report = reporter('reconnect: state', options.state);
  const wake$ = withMethod('reconnect: wakeUp$', 'subscribe', options.wakeUp$ ?? wakeUp$);

  return (source) =>
    new Observable((subscriber) => {
      const policy = new RetryPolicy(limits, random);
      let startedAt = 0;

      // Listened to all the time, so that what it replays to a new subscriber does not end every wait.
      const woken$ = new Subject<unknown>();
      subscriber.add(
        wake$.subscribe({ next: (value) => woken$.next(value), error: (error: unknown) => subscriber.error(error) }),
      );

      const attempt$ = defer(() => {
        startedAt = scheduler.now();
        return onComplete === 'complete' ? source : source.pipe(concatWith(throwError(completion)));
      });

      const completion = () => {
        const closed = new ClosedError(1000, '');
        closed.openFor = scheduler.now() - startedAt;
        return closed;
      };

      const decide = (error: unknown): Observable<boolean> => {
        const openFor = (error instanceof RxFrameError ? error.openFor : undefined) ?? scheduler.now() - startedAt;
        const found = classify(error);
        const failure = found === 'done' && onComplete === 'reconnect' ? 'transient' : found;
        const verdict = policy.decide(error, failure, openFor);
        switch (verdict.action) {
          case 'complete':
            return of(false);
          case 'fail':
            report({ status: 'failed', cause: verdict.error });
            return throwError(() => verdict.error);
          case 'wait': {
            report({ status: 'waiting', delay: verdict.delay, attempt: verdict.attempt, failure, cause: error });
            const cut$: Observable<unknown> = verdict.backoff ? woken$ : NEVER;
            return merge(timer(verdict.delay, scheduler), cut$).pipe(
              take(1),
              map(() => true),
            );
          }
        }
      };

      const again = (errors$: Observable<unknown>) => errors$.pipe(concatMap(decide), takeWhile(Boolean));
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- the one place that names it: see docs/decisions.md
      return attempt$.pipe(retryWhen(again)).subscribe(subscriber);
    });
}

function retryLimits(options: ReconnectOptions): RetryLimits {
  const initialDelay = durationOrZero('reconnect: initialDelay', options.initialDelay ?? 1_000);
  const maxDelay = durationOrZero('reconnect: maxDelay', options.maxDelay ?? Math.max(30_000, initialDelay));
  if (maxDelay < initialDelay) {
    throw optionError('reconnect: maxDelay', `at least initialDelay (${initialDelay})`, maxDelay);
  }
  return {
    initialDelay,
    maxDelay,
    maxAttempts: positiveIntegerOrInfinity('reconnect: maxAttempts', options.maxAttempts ?? Infinity),
    stableAfter: duration('reconnect: stableAfter', options.stableAfter ?? 30_000),
    authDelay: durationOrZero('reconnect: authDelay', options.authDelay ?? 2_000),
    maxAuthFailures: positiveIntegerOrInfinity('reconnect: maxAuthFailures', options.maxAuthFailures ?? 3),
    maxProtocolFailures: positiveIntegerOrInfinity('reconnect: maxProtocolFailures', options.maxProtocolFailures ?? 5),
  };
}
