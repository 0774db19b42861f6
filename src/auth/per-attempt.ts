import { first, from, isObservable, of, type Observable } from 'rxjs';

/** A value, or a function that is asked for it at each attempt. */
export type PerAttempt<T> = T | (() => T | PromiseLike<T> | Observable<T>);

/** Asks for a value. Takes no turn of the event loop where it is at hand. */
export function ask<T>(value: PerAttempt<T>): Observable<T> {
  if (typeof value !== 'function') return of(value);
  const answer = (value as () => T | PromiseLike<T> | Observable<T>)();
  if (isObservable(answer)) return answer.pipe(first());
  return isPromise(answer) ? from(answer) : of(answer);
}

/** Whatever has a `then`: a promise may be of another realm, or of a library. */
function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === 'function';
}
