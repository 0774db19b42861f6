import type { Clock, Timer } from '../clock.ts';

/** The heartbeat of all sessions. */
export interface FrameTicker {
  /**
   * Calls `work` once a period with the time at which it was due.
   *
   * @param phase - when in a period, 0 (included) to 1 (excluded): to the same 5 ms as others, so that they share a timer
   * @returns a function that ends it
   */
  join(phase: number, work: (due: number) => void): () => void;
}

interface Member {
  /** When it was first due, or due again after something was left out. */
  start: number;
  /** How often it was called since. */
  count: number;
  due: number;
  readonly work: (due: number) => void;
}

/** Options of {@link frameTicker}. */
export interface FrameTickerOptions {
  /** In milliseconds. */
  readonly period: number;
  /** Whether a period that was missed is made up for. */
  readonly catchesUp: boolean;
  readonly clock: Clock;
  /** The time, in milliseconds, on a clock that never goes back. */
  readonly now: () => number;
}

/** How far apart the instants are at which members are called, where the period has room for several. In milliseconds. */
const GRID = 5;

/**
 * **One timer for the frames of all sessions, kept by the clock**: a call that comes late does not put off the next.
 *
 * As all have the same period, who was called goes to the end of the queue, and the queue stays in order.
 */
export function frameTicker({ period, catchesUp, clock, now }: FrameTickerOptions): FrameTicker {
  const origin = now();
  let queue: Member[] = [];
  let timer: Timer | undefined;
  let running = false;

  function enqueue(member: Member): void {
    let place = queue.length;
    while (place > 0 && (queue[place - 1] as Member).due > member.due) place -= 1;
    queue.splice(place, 0, member);
  }

  function arm(): void {
    timer?.unsubscribe();
    timer = queue[0] && clock.schedule(run, Math.max(0, Math.ceil(queue[0].due - now())));
  }

  function run(): void {
    const time = now();
    running = true;
    for (let next = queue[0]; next && next.due <= time; next = queue[0]) {
      queue.shift();
      const { due } = next;
      if (!catchesUp && time > due) {
        next.start = time;
        next.count = 0;
      }
      next.count += 1;
      // Never by adding to the last one, so that nothing adds up.
      next.due = next.start + next.count * period;
      enqueue(next);
      next.work(due);
    }
    running = false;
    arm();
  }

  return {
    join: (phase, work) => {
      const first = origin + Math.floor((phase * period) / GRID) * GRID;
      const start = first + Math.ceil((now() - first) / period) * period;
      const member: Member = { start, count: 0, due: start, work };
      enqueue(member);
      if (!running && queue[0] === member) arm();
      return () => {
        queue = queue.filter((other) => other !== member);
        if (queue.length === 0) timer?.unsubscribe();
      };
    },
  };
}
