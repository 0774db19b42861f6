import { defer, from, tap, type Observable, type ObservableInput } from 'rxjs';

/** **Work that can be given up, as a cold Observable**: unsubscribing before its end aborts the signal that it was given. */
export function abortable<T>(work: (signal: AbortSignal) => ObservableInput<T>): Observable<T> {
  return defer(() => {
    const controller = new AbortController();
    return from(work(controller.signal)).pipe(tap({ unsubscribe: () => controller.abort() }));
  });
}
