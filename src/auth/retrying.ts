import { asyncScheduler, retry, timer, type Observable, type SchedulerLike } from 'rxjs';
import { ThrottledError } from '../../operators/errors.ts';
import { failureClass } from '../../operators/failure-class.ts';
import { abortable } from './abortable.ts';
import { halfCeiling } from './backoff.ts';

/** The longest `Retry-After` that is waited out here, in milliseconds: who asked for a token should know of a longer wait. */
const LONGEST_RETRY_AFTER = 30_000;

/**
 * **Does something that may fail, up to `attempts` times**, while the failures are of class `transient` or `throttled`.
 *
 * Between two attempts it waits at least half of a ceiling that doubles, or what the server asked for, and a random part
 * of the other half on top. Unsubscribing aborts the work, or ends the wait.
 */
export function retrying<T>(
  attempts: number,
  work: (signal: AbortSignal) => Promise<T>,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<T> {
  return abortable(work).pipe(
    retry({
      delay(error: unknown, attempt) {
        const retryAfter = error instanceof ThrottledError ? error.retryAfter : undefined;
        const failure = failureClass(error);
        const passes = failure === 'transient' || (failure === 'throttled' && (retryAfter ?? 0) <= LONGEST_RETRY_AFTER);
        if (attempt >= attempts || !passes) throw error;

        const half = halfCeiling(attempt);
        return timer((retryAfter ?? half) + Math.random() * half, scheduler);
      },
    }),
  );
}
