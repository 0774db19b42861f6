import {
  finalize,
  Observable,
  switchMap,
  take,
  type SchedulerLike,
  type Subscription,
  type TimestampProvider,
} from 'rxjs';
import { LONGEST_DELAY } from '../../operators/options.ts';
import type { RateWindow } from './rate-window.ts';

/** The longest random part on top of a wait, in milliseconds: several clients are not to come back at the same time. */
const JITTER = 500;

/** How far two answers may be apart about when one and the same window ends, in milliseconds: they count in seconds. */
const SAME_WINDOW = 2_000;

/** A call that waits for its turn. */
interface Waiting {
  readonly place: number;
  go(): void;
}

/** The window of the rate limit that was last heard of. */
interface KnownWindow {
  readonly count: number;
  readonly allowed: number;
  readonly endsAt: number;
  /** With the random part on top. */
  readonly opensAt: number;
}

/**
 * **Lets calls through as long as the server takes them**: one for all calls of a client. Where the server asks for patience, or has
 * counted as many requests as it allows, the calls wait, and then go in the order of their places.
 *
 * Calls under way count as if the server had not counted them yet. So a burst never runs into the limit as it was last told,
 * and after a pause no more calls go than the server allows.
 *
 * Knows no HTTP: it is told of pauses and windows. Has a timer only while a call waits.
 */
export class RateLimiter {
  readonly #scheduler: SchedulerLike;
  readonly #clock: TimestampProvider;
  #places = 0;
  /** In the order of their places. */
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
  #pausedUntil = -Infinity;
  #window: KnownWindow | undefined;
  #wake: Subscription | undefined;

  /** @param clock - monotonic, so that no wait depends on somebody setting the time */
  constructor(scheduler: SchedulerLike, clock: TimestampProvider) {
    this.#scheduler = scheduler;
    this.#clock = clock;
  }

  /** The next place in the order. A call keeps its place when it is repeated. */
  place(): number {
    this.#places += 1;
    return this.#places;
  }

  /** Subscribes to `call$` when it is its turn. Unsubscribing gives the turn up, or the call. */
  run<T>(place: number, call$: Observable<T>): Observable<T> {
    return new Observable<void>((subscriber) => {
      const waiting: Waiting = { place, go: () => subscriber.next() };
      this.#enter(waiting);
      this.#release();
      return () => this.#leave(waiting);
    }).pipe(
      take(1),
      switchMap(() => {
        this.#underWay += 1;
        return call$.pipe(
          finalize(() => {
            this.#underWay -= 1;
            this.#release();
          }),
        );
      }),
    );
  }

  /** No call goes for so many milliseconds, and a random part on top. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + milliseconds + jitter());
  }

  /** What an answer told of the rate limit. */
  learn({ count, allowed, resetIn }: RateWindow): void {
    const now = this.#clock.now();
    const endsAt = now + resetIn;
    const known = this.#window;
    if (known === undefined || now >= known.opensAt || endsAt > known.endsAt + SAME_WINDOW) {
      this.#window = { count, allowed, endsAt, opensAt: endsAt + jitter() };
    } else if (endsAt >= known.endsAt - SAME_WINDOW) {
      // Answers may overtake each other.
      this.#window = { ...known, count: Math.max(count, known.count), allowed };
    }
  }

  #enter(waiting: Waiting): void {
    const at = this.#waiting.findLastIndex(({ place }) => place < waiting.place) + 1;
    this.#waiting.splice(at, 0, waiting);
  }

  #leave(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
    if (this.#waiting.length === 0) this.#wake?.unsubscribe();
  }

  /** Lets those go that may, and sets the timer for the others. */
  #release(): void {
    while (this.#waiting.length > 0) {
      const wait = this.#opensIn();
      if (wait > 0) {
        this.#wakeIn(wait);
        return;
      }
      this.#waiting.shift()?.go();
    }
  }

  #wakeIn(milliseconds: number): void {
    this.#wake?.unsubscribe();
    if (milliseconds === Infinity) return;
    this.#wake = this.#scheduler.schedule(() => this.#release(), Math.min(milliseconds, LONGEST_DELAY));
  }

  /** How long the next call has to wait, in milliseconds; `Infinity`: until a call under way has ended. */
  #opensIn(): number {
    const now = this.#clock.now();
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    if (this.#window === undefined) return 0;
    const { count, allowed, opensAt } = this.#window;
    const isOver = now >= opensAt;
    if ((isOver ? 0 : count) + this.#underWay < allowed) return 0;
    return isOver ? Infinity : opensAt - now;
  }
}

function jitter(): number {
  return Math.random() * JITTER;
}
