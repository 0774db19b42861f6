import { defer, retry, throwError, timer, type Observable } from 'rxjs';
import { RxFrameError } from '../../../operators/errors.ts';
import { isFinal } from './is-final.ts';

/** After what fails it is tried again so much later, in milliseconds. */
const RETRY_DELAY = 500;

/**
 * **Asks the engine until it answers.** Fails with what does not heal by itself: an error of ours, such as `StreamMissingError`, or of a connection that is closed or must
 * not do this. Unsubscribing gives it up.
 *
 * @param failed - told of each failure that is tried again
 */
export function persist<T>(ask: () => Promise<T>, failed: (cause: unknown) => void): Observable<T> {
  return defer(ask).pipe(
    retry({
      delay: (error: unknown) => {
        if (error instanceof RxFrameError || isFinal(error)) return throwError(() => error);
        failed(error);
        return timer(RETRY_DELAY);
      },
    }),
  );
}
