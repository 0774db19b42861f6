import { Subscription, type SchedulerLike } from 'rxjs';

/**
 * **Does something again and again**, each time after as long as the last time said, in milliseconds. Each time is scheduled afresh: in
 * virtual time an action that schedules itself is nested in the one before, and thousands of them are too deep for the stack.
 */
export function repeating(scheduler: SchedulerLike, first: number, work: () => number): Subscription {
  let timer = Subscription.EMPTY;
  const repeats = new Subscription(() => timer.unsubscribe());
  const after = (delay: number) => {
    timer = scheduler.schedule(() => {
      const next = work();
      if (!repeats.closed) after(next);
    }, delay);
  };
  after(first);
  return repeats;
}
