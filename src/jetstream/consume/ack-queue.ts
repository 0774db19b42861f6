import { from, Subscription, type Observable, type ObservableInput, type Subscriber } from 'rxjs';
import { errorName } from '../../../operators/error-name.ts';
import { isRejected, reject, type LiveFrame, type RejectedFrame } from '../../../operators/frame.ts';
import { printable } from '../../../operators/printable.ts';
import { KeyTurns } from '../streams/key-turns.ts';
import { DeadLetterError } from './dead-letter-error.ts';
import { heldDeliveryOf } from './deliveries.ts';
import type { Delivery } from './delivery.ts';
import type { HeldDelivery } from './held-delivery.ts';

/** After failed work on a frame it rests so long, in milliseconds: doubled each time, up to the second. */
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 60_000;

/** What `ackWith` does with a frame. */
export type Work<Frame> = (frame: Frame, delivery: Delivery) => ObservableInput<unknown>;

/** A frame to be worked on. */
interface Job<Frame> {
  readonly outcome: Frame | RejectedFrame;
  readonly delivery: HeldDelivery;
  readonly key: string | undefined;
  failures: number;
}

/** **The frames inside one subscription of `ackWith`**: worked on, behind one of their key, or resting after a failure. */
export class AckQueue<Frame extends LiveFrame> {
  readonly #work: Work<Frame>;
  readonly #concurrency: number;
  readonly #subscriber: Subscriber<Frame | RejectedFrame>;
  readonly #inside = new Set<Job<Frame>>();
  readonly #turns = new KeyTurns<Job<Frame>>();
  readonly #running = new Subscription();
  readonly #resting = new Map<Job<Frame>, NodeJS.Timeout>();
  #active = 0;
  #isStarting = false;
  #atEnd: (() => void) | undefined;

  constructor(work: Work<Frame>, concurrency: number, subscriber: Subscriber<Frame | RejectedFrame>) {
    this.#work = work;
    this.#concurrency = concurrency;
    this.#subscriber = subscriber;
  }

  take(outcome: Frame | RejectedFrame): void {
    const delivery = heldDeliveryOf(outcome);
    if (delivery === undefined) {
      this.#subscriber.error(new TypeError('ackWith stands after fromJetStream: this frame is not from there'));
      return;
    }
    // Given back meanwhile: somebody else has it.
    if (delivery.isOver) return;
    delivery.take();
    const job = { outcome, delivery, key: delivery.key, failures: 0 };
    this.#inside.add(job);
    this.#turns.add(job);
    this.#start();
  }

  /** Finishes what is worked on, gives back all else, and calls `atEnd` then. */
  end(atEnd: () => void): void {
    this.#atEnd = atEnd;
    for (const job of this.#inside) {
      if (job.delivery.isWorkedOn) continue;
      job.delivery.giveBack();
      this.#inside.delete(job);
    }
    this.#stopResting();
    this.#endIfEmpty();
  }

  /** Gives all back. */
  stop(): void {
    this.#stopResting();
    this.#running.unsubscribe();
    for (const { delivery } of this.#inside) delivery.giveBack();
    this.#inside.clear();
  }

  /** A loop, and never inside itself: work may be done at once, ten thousand times in a row. */
  #start(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    while (this.#active < this.#concurrency && !this.#subscriber.closed) {
      const job = this.#turns.next();
      if (job === undefined) break;
      if (job.delivery.isOver) this.#leave(job);
      else this.#begin(job);
    }
    this.#isStarting = false;
  }

  #begin(job: Job<Frame>): void {
    const { outcome, delivery } = job;
    this.#active += 1;
    delivery.begin();
    if (isRejected(outcome)) {
      void this.#deadLetter(job, `${outcome.stage}: ${outcome.reason}`, outcome);
      return;
    }
    if (delivery.deliveryCount > delivery.maxDeliver) {
      this.#giveUp(job, outcome, `delivered ${delivery.deliveryCount} times, and never acknowledged`);
      return;
    }
    let work: Observable<unknown>;
    try {
      work = from(this.#work(outcome, delivery));
    } catch (error) {
      this.#failed(job, outcome, error);
      return;
    }
    const running = new Subscription();
    this.#running.add(running);
    running.add(
      work.subscribe({
        error: (error: unknown) => {
          running.unsubscribe();
          this.#failed(job, outcome, error);
        },
        complete: () => {
          running.unsubscribe();
          this.#done(job);
        },
      }),
    );
  }

  #done(job: Job<Frame>): void {
    this.#active -= 1;
    if (job.delivery.acknowledge()) this.#leave(job, job.outcome);
    else this.#leave(job);
  }

  #failed(job: Job<Frame>, frame: Frame, cause: unknown): void {
    const { delivery } = job;
    job.failures += 1;
    if (cause instanceof DeadLetterError || delivery.deliveryCount + job.failures > delivery.maxDeliver) {
      delivery.failed(cause, undefined);
      this.#giveUp(job, frame, reasonOf(cause));
      return;
    }
    this.#active -= 1;
    delivery.rest();
    const retryIn = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** (job.failures - 1)) * (0.5 + Math.random() / 2);
    delivery.failed(cause, retryIn);
    if (this.#atEnd !== undefined) {
      delivery.giveBack();
      this.#leave(job);
      return;
    }
    const rest = setTimeout(() => {
      this.#resting.delete(job);
      this.#turns.again(job);
      this.#start();
    }, retryIn);
    this.#resting.set(job, rest);
    this.#start();
  }

  #giveUp(job: Job<Frame>, frame: Frame, why: string): void {
    const reason = printable(why);
    void this.#deadLetter(job, reason, reject(frame, 'ack-with', 'dead-letter', reason));
  }

  async #deadLetter(job: Job<Frame>, why: string, outcome: RejectedFrame): Promise<void> {
    const isDead = await job.delivery.deadLetter(why);
    this.#active -= 1;
    this.#leave(job, isDead ? outcome : undefined);
  }

  /** A job is over: with an outcome, or none where somebody else has the frame now. */
  #leave(job: Job<Frame>, outcome?: Frame | RejectedFrame): void {
    this.#inside.delete(job);
    this.#turns.leave(job);
    if (outcome !== undefined) this.#subscriber.next(outcome);
    this.#start();
    this.#endIfEmpty();
  }

  #stopResting(): void {
    for (const rest of this.#resting.values()) clearTimeout(rest);
    this.#resting.clear();
  }

  #endIfEmpty(): void {
    if (this.#inside.size === 0) this.#atEnd?.();
  }
}

/** What a failure says of itself. Work may throw what is no text at all: `Object.create(null)`. */
function reasonOf(cause: unknown): string {
  try {
    return String(cause instanceof Error ? cause.message : cause);
  } catch {
    return errorName(cause);
  }
}
