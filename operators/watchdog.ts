import { asyncScheduler, Observable, tap, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { TimeoutError } from './errors.ts';
import type { Flow } from './flow.ts';
import { duration, knownOptions, withMethod } from './options.ts';

/** Options of {@link watchdog}. */
export interface WatchdogOptions {
  /** How long nothing may come, in milliseconds, from the subscription on. Longer than it takes to connect. */
  readonly timeout: number;
  /**
   * The one that `connect` has. While somebody holds it, the socket is not read, and silence means nothing: where it was
   * held, the time starts anew. @defaultValue none
   */
  readonly flow?: Flow;
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

/**
 * **Errors when nothing arrives for a time**: a half-open socket says nothing, and never will. Stands between `connect` and
 * {@link reconnect}, which then connects anew.
 *
 *     in                       --a----b----------
 *     watchdog({timeout: 5})   --a----b----#         TimeoutError
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function watchdog<T>(options: WatchdogOptions): MonoTypeOperatorFunction<T> {
  knownOptions('watchdog', options, ['timeout', 'flow', 'scheduler']);
  const timeout = duration('watchdog: timeout', options.timeout);
  const scheduler = withMethod('watchdog: scheduler', 'schedule', options.scheduler ?? asyncScheduler);
  const flow = options.flow === undefined ? undefined : withMethod('watchdog: flow', 'hold', options.flow);

  return (source) =>
    new Observable((subscriber) => {
      let lastAt = scheduler.now();
      let releases = flow?.releases;

      // One timer, which looks at the last arrival when it runs out: arrivals themselves only note the time.
      const timer = scheduler.schedule(function () {
        const now = scheduler.now();
        if (flow?.held === true || flow?.releases !== releases) {
          lastAt = now;
          releases = flow?.releases;
        }
        const remaining = lastAt + timeout - now;
        if (remaining > 0) this.schedule(undefined, remaining);
        else subscriber.error(new TimeoutError(`Nothing came for ${timeout} ms.`, 'silence', timeout));
      }, timeout);

      subscriber.add(timer);
      return source.pipe(tap(() => (lastAt = scheduler.now()))).subscribe(subscriber);
    });
}
