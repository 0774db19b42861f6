import { useMemo, useSyncExternalStore } from 'react';
import type { Observable } from 'rxjs';

/**
 * **The last value of an Observable, `initial` before the first.** Subscribes while the component is mounted. An error of the
 * Observable is thrown where it is read: the nearest error boundary shows it.
 */
export function useObservable<T>(source$: Observable<T>, initial: T): T {
  const store = useMemo(() => {
    let read = () => initial;
    return {
      read: () => read(),
      subscribe: (changed: () => void) => {
        const subscription = source$.subscribe({
          next(value) {
            read = () => value;
            changed();
          },
          error(error: unknown) {
            read = () => {
              throw error;
            };
            changed();
          },
        });
        return () => subscription.unsubscribe();
      },
    };
    // A new `initial` is no new source.
  }, [source$]);
  return useSyncExternalStore(store.subscribe, store.read);
}
