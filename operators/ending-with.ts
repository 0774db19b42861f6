import { Observable, takeUntil, type MonoTypeOperatorFunction, type Subscription } from 'rxjs';

/**
 * **Ends with a subscription**, even while the source is being subscribed to: one that emits all that it has at once hands
 * its own subscription out too late to be stopped by it.
 */
export function endingWith<T>(subscription: Subscription): MonoTypeOperatorFunction<T> {
  return takeUntil(
    new Observable<void>((notifier) => {
      subscription.add(() => notifier.next());
    }),
  );
}
