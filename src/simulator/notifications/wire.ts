import type { Clock, Timer } from '../clock.ts';

/** One direction of a connection in memory. */
export interface Wire<Item> {
  /** Sends an item on its way. */
  push(item: Item): void;
  /** Stops handing over what arrives, or goes on with it. */
  hold(isHeld: boolean): void;
  /** Takes off what is under way. */
  clear(): readonly Item[];
}

/**
 * **Hands items over after a delay, in the order in which they were sent**: one that would overtake another waits for it.
 * One timer at most, however many are under way.
 *
 * @param delay - how long the next item takes, in milliseconds
 */
export function wire<Item>(clock: Clock, delay: () => number, arrive: (item: Item) => void): Wire<Item> {
  let items: Item[] = [];
  let dueTimes: number[] = [];
  let isHeld = false;
  let timer: Timer | undefined;

  const wait = (): void => {
    const [due] = dueTimes;
    if (timer || isHeld || due === undefined) return;
    timer = clock.schedule(handOver, Math.max(0, due - clock.now()));
  };

  const handOver = (): void => {
    timer = undefined;
    const now = clock.now();
    // One by one, because whoever takes an item may hold or clear the rest.
    while (!isHeld && dueTimes[0] !== undefined && dueTimes[0] <= now) {
      dueTimes.shift();
      arrive(items.shift() as Item);
    }
    wait();
  };

  return {
    push: (item) => {
      items.push(item);
      dueTimes.push(clock.now() + delay());
      wait();
    },
    hold: (held) => {
      isHeld = held;
      if (!held) wait();
    },
    clear: () => {
      timer?.unsubscribe();
      timer = undefined;
      const left = items;
      items = [];
      dueTimes = [];
      return left;
    },
  };
}
