import { noop, Subject, type NextObserver } from 'rxjs';
import { withMethod } from './options.ts';

/**
 * Makes the function by which an operator reports to the Observer that the caller handed in. What the Observer throws is
 * reported as RxJS reports it (an uncaught error), and never thrown into the operator: watching a stream must not change it.
 *
 * @throws TypeError where `observer` is given and has no `next`
 */
export function reporter<T>(where: string, observer: NextObserver<T> | undefined): (value: T) => void {
  if (observer === undefined) return noop;
  withMethod(where, 'next', observer);
  const reports$ = new Subject<T>();
  reports$.subscribe({ next: (value) => observer.next(value) });
  return (value) => reports$.next(value);
}
