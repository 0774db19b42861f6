import { asyncScheduler, Observable, Subscription, type OperatorFunction, type SchedulerLike } from 'rxjs';

/** What {@link firstOfEachPeriod} lets through. */
export interface PeriodLimit {
  /** How many pass in a period. */
  readonly most: number;
  /** In milliseconds. */
  readonly period: number;
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

/**
 * **Passes the first few of each period, and tells at its end how many more there were.** A period begins with a value.
 *
 *     in                        --a-b-c-d---------e--|
 *     most: 2, period: 10       --a-b-------(m)---e--|      m: 2 more
 *
 * @param more - makes a value of the number of those that did not pass
 */
export function firstOfEachPeriod<T, More>(
  { most, period, scheduler = asyncScheduler }: PeriodLimit,
  more: (count: number) => More,
): OperatorFunction<T, T | More> {
  return (source) =>
    new Observable((subscriber) => {
      let count = 0;
      let timer = Subscription.EMPTY;
      const endPeriod = () => {
        timer.unsubscribe();
        if (count > most) subscriber.next(more(count - most));
        count = 0;
      };
      subscriber.add(() => timer.unsubscribe());
      subscriber.add(
        source.subscribe({
          next: (value) => {
            if (count === 0) timer = scheduler.schedule(endPeriod, period);
            count += 1;
            if (count <= most) subscriber.next(value);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            endPeriod();
            subscriber.complete();
          },
        }),
      );
    });
}
