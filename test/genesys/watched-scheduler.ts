import type { SchedulerAction, SchedulerLike, Subscription, VirtualTimeScheduler } from 'rxjs';

type Work = (this: SchedulerAction<unknown>, state?: unknown) => void;

/** **A scheduler that knows what was scheduled through it** and is still to come: the timers of one client among several. */
export function watchedScheduler(scheduler: VirtualTimeScheduler): SchedulerLike & { pending(): number } {
  // By their work, because an action that schedules itself anew is another one.
  const works = new WeakSet<Work>();
  return {
    now: () => scheduler.now(),
    schedule(work: Work, delay?: number, state?: unknown): Subscription {
      works.add(work);
      return scheduler.schedule(work, delay, state);
    },
    pending: () =>
      scheduler.actions.filter((action) => !action.closed && works.has((action as unknown as { work: Work }).work))
        .length,
  } as SchedulerLike & { pending(): number };
}
