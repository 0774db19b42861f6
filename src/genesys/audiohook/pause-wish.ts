import { Subscription, type SchedulerLike } from 'rxjs';
import { Flow } from '../../../operators/flow.ts';

/** How much audio may come after a `pause`, in samples of one channel: five seconds, for what was under way and a client that thinks. */
export const PAUSE_GRACE = 40_000;

/** What the wish is told to. */
export interface PausableClient {
  pause(): void;
  resume(): void;
  /** In how many milliseconds it may be asked to go on, so that it is not asked too often. */
  resumableIn(): number;
}

/**
 * **Whether the client is to pause**: because the caller said so, or because a slow consumer holds the flow. It is asked to pause at once,
 * and to go on not more often than it may be: where the wish has changed back until then it is not asked at all.
 */
export class PauseWish {
  readonly flow = new Flow();
  readonly #client: PausableClient;
  readonly #scheduler: SchedulerLike;
  #isCallers = false;
  #isFlows = false;
  /** Whether it was asked to pause, and not to go on since. */
  #hasAsked = false;
  /** How much audio has come in spite of it, in samples. */
  #heard = 0;
  #resumption = Subscription.EMPTY;
  #isStopped = false;

  constructor(client: PausableClient, scheduler: SchedulerLike) {
    this.#client = client;
    this.#scheduler = scheduler;
    this.flow.attach({
      pause: () => this.#change(() => (this.#isFlows = true)),
      resume: () => this.#change(() => (this.#isFlows = false)),
    });
  }

  get isOn(): boolean {
    return this.#isCallers || this.#isFlows;
  }

  /** What the caller wants. */
  set(isPaused: boolean): void {
    this.#change(() => (this.#isCallers = isPaused));
  }

  /** Asks once more, where it is still wanted: the client has gone on. */
  insist(): void {
    if (this.isOn) this.#client.pause();
  }

  /** Audio has come. Says whether the client takes no notice of the wish. */
  hear(samples: number): boolean {
    if (!this.isOn) return false;
    this.#heard += samples;
    return this.#heard > PAUSE_GRACE;
  }

  /** The client is gone: nothing is asked for any more, whatever is wanted. */
  stop(): void {
    this.#isStopped = true;
    this.#resumption.unsubscribe();
  }

  #change(change: () => void): void {
    const wasOn = this.isOn;
    change();
    if (this.isOn === wasOn || this.#isStopped) return;
    this.#resumption.unsubscribe();
    if (this.isOn) {
      this.#heard = 0;
      if (!this.#hasAsked) this.#client.pause();
      this.#hasAsked = true;
    } else {
      this.#resumeIn(this.#client.resumableIn());
    }
  }

  #resumeIn(wait: number): void {
    if (wait > 0) {
      this.#resumption = this.#scheduler.schedule(() => this.#resumeIn(this.#client.resumableIn()), wait);
      return;
    }
    this.#hasAsked = false;
    this.#client.resume();
  }
}
