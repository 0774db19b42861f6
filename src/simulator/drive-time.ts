import type { VirtualTimeScheduler } from 'rxjs';

/** Lets all promises that can settle do so: a turn of the event loop comes after every microtask. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * **Lets virtual time pass, for code that mixes schedulers and promises**: does what is due, one action at a time, and has
 * pending promise work (`await`, `fetch` in memory, streams) finish before the next.
 *
 * RxJS's own `flush` runs all actions in one go, so that whatever waits for a promise would find the time gone.
 *
 * @param until - the time at which to stop, in milliseconds of the scheduler's clock; what is due then is done
 * @throws whatever an action throws
 */
export async function driveTime(scheduler: VirtualTimeScheduler, until: number): Promise<void> {
  const { actions } = scheduler;
  await settled();
  for (let next = actions[0]; next !== undefined && next.delay <= until; next = actions[0]) {
    actions.shift();
    scheduler.frame = next.delay;
    const error = next.execute(next.state, next.delay) as Error | undefined;
    if (error) throw error;
    await settled();
  }
  scheduler.frame = Math.max(scheduler.frame, until);
}
