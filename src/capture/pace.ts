import { Subscription, type SchedulerLike, type Subscriber } from 'rxjs';
import type { Flow } from '../../operators/flow.ts';
import { RawFrame } from '../../operators/frame.ts';
import { LONGEST_DELAY } from '../../operators/options.ts';
import type { RecordedFrame } from './recorded-frames.ts';

/** What {@link Pace} needs. */
interface PaceOptions {
  /** How many times as fast as it was recorded. */
  readonly pace: number;
  readonly flow: Flow | undefined;
  readonly scheduler: SchedulerLike;
  /** Ends it, too. */
  readonly subscriber: Subscriber<RawFrame>;
}

/** **Gives recorded frames out at their time**, counted from the first one; never while the flow is held. */
export class Pace {
  readonly #options: PaceOptions;
  /** The time of the first frame in the recording, and now. */
  #start: { readonly recorded: number; readonly now: number } | undefined;
  #played = 0;
  #wake = () => {};

  constructor(options: PaceOptions) {
    this.#options = options;
    const { flow, subscriber } = options;
    subscriber.add(() => this.#wake());
    if (flow === undefined) return;
    const valve = { pause: () => undefined, resume: () => this.#wake() };
    flow.attach(valve);
    subscriber.add(() => flow.detach(valve));
  }

  /** How many frames it gave out. */
  get played(): number {
    return this.#played;
  }

  /** Resolves when all of them are given out, or nobody wants them any more. */
  async play(frames: readonly RecordedFrame[]): Promise<void> {
    const { subscriber } = this.#options;
    for (const frame of frames) {
      while (!subscriber.closed && this.#waits(frame)) await this.#next(frame);
      if (subscriber.closed) return;
      this.#played += 1;
      const { rawData, isBinary, connectionId, sequence, timestamp } = frame;
      const receivedAt = performance.now();
      // Written out, because a spread costs more than all the rest.
      subscriber.next(new RawFrame({ rawData, isBinary, connectionId, sequence, timestamp, receivedAt }));
    }
  }

  #waits(frame: RecordedFrame): boolean {
    return this.#options.flow?.held === true || this.#timeTo(frame) > 0;
  }

  /** How long until it is its turn, in milliseconds. */
  #timeTo({ timestamp }: RecordedFrame): number {
    const { pace, scheduler } = this.#options;
    if (pace === Infinity) return 0;
    this.#start ??= { recorded: timestamp, now: scheduler.now() };
    return (timestamp - this.#start.recorded) / pace - (scheduler.now() - this.#start.now);
  }

  /** Resolves when it is time to look again. */
  #next(frame: RecordedFrame): Promise<void> {
    const { flow, scheduler } = this.#options;
    return new Promise((resolve) => {
      const timer =
        flow?.held === true
          ? Subscription.EMPTY
          : scheduler.schedule(() => resolve(), Math.min(this.#timeTo(frame), LONGEST_DELAY));
      this.#wake = () => {
        timer.unsubscribe();
        resolve();
      };
    });
  }
}
