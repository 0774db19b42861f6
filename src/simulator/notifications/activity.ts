import type { Clock, Timer } from '../clock.ts';
import { pace } from '../pace.ts';

/** Something that happens, and the topics under which it is told. */
export interface Occurrence {
  readonly topicNames: readonly string[];
  readonly eventBody: object;
}

/** Options of {@link startActivity}. */
export interface ActivityOptions {
  readonly clock: Clock;
  /** Events a second; one that goes to two topics counts as two. */
  readonly rate: number;
  /** Gives what happens next, at that time in milliseconds since the epoch. */
  readonly next: (now: number) => Occurrence;
  readonly publish: (topicNames: readonly string[], eventBody: object) => void;
}

/** The clock is looked at once a millisecond at most. */
const TICK = 1;

/**
 * **Lets things happen at a steady rate**, spread as evenly as whole milliseconds allow. One timer.
 *
 * @returns a function that ends it and frees the timer
 */
export function startActivity({ clock, rate, next, publish }: ActivityOptions): () => void {
  const pacing = pace(rate, clock.now(), TICK);
  let timer: Timer;
  let isStopped = false;
  const turn = (): void => {
    const now = clock.now();
    for (let due = pacing.due(now); due > 0 && !isStopped;) {
      const { topicNames, eventBody } = next(now);
      publish(topicNames, eventBody);
      pacing.sent(topicNames.length);
      due -= topicNames.length;
    }
    if (!isStopped) timer = clock.schedule(turn, Math.ceil(pacing.wait(clock.now())));
  };
  timer = clock.schedule(turn, 0);
  return () => {
    isStopped = true;
    timer.unsubscribe();
  };
}
