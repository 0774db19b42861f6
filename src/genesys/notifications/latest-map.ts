import { Observable, type ObservableInput, type OperatorFunction, from, Subscription } from 'rxjs';

/**
 * **Works on one value after the other, and of those that come meanwhile only on the latest**: for work that must not be
 * broken off, and need not be done twice.
 *
 *     in     --a-b-c------d--|
 *     out      ---A---C     ---D|      each takes 4
 */
export function latestMap<In, Out>(work: (value: In) => ObservableInput<Out>): OperatorFunction<In, Out> {
  return (source) =>
    new Observable((subscriber) => {
      let running = Subscription.EMPTY;
      let isRunning = false;
      let waiting: { readonly value: In } | undefined;
      let isDone = false;

      const start = (value: In) => {
        isRunning = true;
        running = from(work(value)).subscribe({
          next: (result) => subscriber.next(result),
          error: (error: unknown) => subscriber.error(error),
          complete: ended,
        });
        subscriber.add(running);
      };
      const ended = () => {
        isRunning = false;
        subscriber.remove(running);
        const next = waiting;
        waiting = undefined;
        if (next !== undefined) start(next.value);
        else if (isDone) subscriber.complete();
      };

      subscriber.add(
        source.subscribe({
          next: (value) => {
            if (isRunning) waiting = { value };
            else start(value);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            isDone = true;
            if (!isRunning) subscriber.complete();
          },
        }),
      );
    });
}
