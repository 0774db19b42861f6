import { from, Observable, Subscription, type ObservableInput, type OperatorFunction, type Subscriber } from 'rxjs';
import { endingWith } from './ending-with.ts';
import { OverflowError } from './errors.ts';
import { Fifo } from './fifo.ts';
import type { Flow } from './flow.ts';
import { isRejected, reject, type LiveFrame, type RejectedFrame } from './frame.ts';
import { callable, flag, knownOptions, oneOf, optionError, positiveInteger, withMethod } from './options.ts';

/** Options of {@link processWith}. */
export interface ProcessWithOptions {
  /** How many frames are worked on at a time. @defaultValue 1 */
  readonly concurrency?: number;
  /** Results leave in the order of their frames; `false`: as they come. @defaultValue true */
  readonly ordered?: boolean;
  /** The one that `connect` has: through it the socket is paused while too much waits. @defaultValue none */
  readonly flow?: Flow;
  /** With so many frames inside, the flow is held. @defaultValue 256 */
  readonly highWaterMark?: number;
  /** With so few frames inside, the flow is released. @defaultValue half of `highWaterMark` */
  readonly lowWaterMark?: number;
  /**
   * What happens to a frame above `highWaterMark` where no flow can pause the source: the stream fails with an
   * {@link OverflowError}, or the frame leaves at once, rejected, ahead of those that wait. @defaultValue `'error'`
   */
  readonly overflow?: 'error' | 'reject';
}

/**
 * **Hands each frame to an asynchronous consumer, so many at a time, and slows the socket down to the consumer's pace.**
 *
 * Each frame gives one result: what the promise resolves to, or the Observable's last value. Rejected frames pass untouched,
 * in their place. The source's completion and error come after the frames that came before them: what was received is
 * processed. What the consumer throws is the stream's error; unsubscribing ends Observables that it returned.
 *
 *     in                   --a-b-c------|
 *     processWith(4 ms)    ------a---b---(c|)
 *
 * With a `flow` nothing is lost, in bounded memory: at `highWaterMark` the socket is paused; what it had already read is
 * still taken. Where nothing can be paused (a browser without `WebSocketStream`, a source that is no socket), `overflow` decides.
 *
 * @param consume - the consumer; what it returns is subscribed to once
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function processWith<Frame extends LiveFrame, Result>(
  consume: (frame: Frame) => ObservableInput<Result>,
  options: ProcessWithOptions = {},
): OperatorFunction<Frame | RejectedFrame, Result | RejectedFrame> {
  callable('processWith: consume', consume);
  const settings = check(options);
  return (source) =>
    new Observable((subscriber) => {
      const queue = new WorkQueue(consume, settings, subscriber);
      subscriber.add(queue.running);
      subscriber.add(() => settings.flow?.release(queue));
      return source.pipe(endingWith(subscriber)).subscribe({
        next: (outcome) => queue.take(outcome),
        error: (error: unknown) => queue.end(() => subscriber.error(error)),
        complete: () => queue.end(() => subscriber.complete()),
      });
    });
}

function check(options: ProcessWithOptions) {
  knownOptions('processWith', options, ['concurrency', 'ordered', 'flow', 'highWaterMark', 'lowWaterMark', 'overflow']);
  const highWaterMark = positiveInteger('processWith: highWaterMark', options.highWaterMark ?? 256);
  const lowWaterMark = options.lowWaterMark ?? Math.floor(highWaterMark / 2);
  if (!Number.isSafeInteger(lowWaterMark) || lowWaterMark < 0 || lowWaterMark >= highWaterMark) {
    throw optionError(
      'processWith: lowWaterMark',
      `an integer from 0, below highWaterMark (${highWaterMark})`,
      lowWaterMark,
    );
  }
  return {
    concurrency: positiveInteger('processWith: concurrency', options.concurrency ?? 1),
    ordered: flag('processWith: ordered', options.ordered ?? true),
    flow: options.flow === undefined ? undefined : withMethod('processWith: flow', 'hold', options.flow),
    highWaterMark,
    lowWaterMark,
    overflow: oneOf('processWith: overflow', ['error', 'reject'], options.overflow ?? 'error'),
  };
}

/** A place in the order of leaving. */
interface Place<Result> {
  result?: { readonly value: Result | RejectedFrame };
}

/** A frame for the consumer, and the place that its result takes. */
interface Job<Frame, Result> {
  readonly frame: Frame;
  readonly place: Place<Result>;
}

/** The frames inside one subscription of `processWith`: waiting, worked on, and done but behind one that is not. */
class WorkQueue<Frame extends LiveFrame, Result> {
  /** What the consumer returned and has not ended. */
  readonly running = new Subscription();
  readonly #consume: (frame: Frame) => ObservableInput<Result>;
  readonly #settings: ReturnType<typeof check>;
  readonly #subscriber: Subscriber<Result | RejectedFrame>;
  /** How many have come in and not left. */
  #inside = 0;
  /** Those that nobody works on yet. */
  readonly #waiting = new Fifo<Job<Frame, Result>>();
  /** The places of all that are inside; empty where the order does not matter. */
  readonly #places = new Fifo<Place<Result>>();
  #active = 0;
  #isStarting = false;
  #atEnd: (() => void) | undefined;

  constructor(
    consume: (frame: Frame) => ObservableInput<Result>,
    settings: ReturnType<typeof check>,
    subscriber: Subscriber<Result | RejectedFrame>,
  ) {
    this.#consume = consume;
    this.#settings = settings;
    this.#subscriber = subscriber;
  }

  take(outcome: Frame | RejectedFrame): void {
    const { ordered, highWaterMark, flow } = this.#settings;
    if (isRejected(outcome) && (!ordered || this.#inside === 0)) {
      this.#subscriber.next(outcome);
      return;
    }
    if (this.#inside >= highWaterMark && flow?.attached !== true) {
      this.#overflow(outcome);
      return;
    }
    const place: Place<Result> = {};
    this.#inside += 1;
    if (ordered) this.#places.push(place);
    if (isRejected(outcome)) place.result = { value: outcome };
    else this.#waiting.push({ frame: outcome, place });
    if (this.#inside >= highWaterMark) flow?.hold(this);
    this.#start();
  }

  /** Calls `atEnd` when all that was taken has left. */
  end(atEnd: () => void): void {
    this.#atEnd = atEnd;
    this.#endIfEmpty();
  }

  #overflow(outcome: Frame | RejectedFrame): void {
    const { highWaterMark, overflow } = this.#settings;
    const message = `${this.#inside} frames are waiting for the consumer, at most ${highWaterMark} are allowed`;
    if (overflow === 'error') {
      this.#subscriber.error(
        new OverflowError(
          `processWith: ${message}, and nothing can pause the source. Give connect and processWith the same Flow, or let overflow reject.`,
        ),
      );
    } else {
      this.#subscriber.next(isRejected(outcome) ? outcome : reject(outcome, 'process-with', 'overflow', message));
    }
  }

  /** A loop, and never inside itself: a consumer may be done at once, ten thousand times in a row. */
  #start(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    while (this.#active < this.#settings.concurrency && !this.#subscriber.closed) {
      const job = this.#waiting.shift();
      if (job === undefined) break;
      this.#active += 1;
      this.#work(job);
    }
    this.#isStarting = false;
  }

  #work({ frame, place }: Job<Frame, Result>): void {
    let input: Observable<Result>;
    try {
      input = from(this.#consume(frame));
    } catch (error) {
      this.#subscriber.error(error);
      return;
    }
    let last: { readonly value: Result } | undefined;
    const work = input.subscribe({
      next: (value) => (last = { value }),
      error: (error: unknown) => this.#subscriber.error(error),
      complete: () => {
        if (last === undefined) {
          this.#subscriber.error(
            new TypeError('processWith: the consumer gave no result: its Observable completed empty'),
          );
          return;
        }
        this.#active -= 1;
        place.result = last;
        this.#settle(place);
        this.#start();
      },
    });
    this.running.add(work);
  }

  /** Lets out what may leave now that `place` has its result. */
  #settle(place: Place<Result>): void {
    const { ordered, lowWaterMark, flow } = this.#settings;
    if (!ordered) this.#leave(place);
    else while (this.#places.peek()?.result !== undefined) this.#leave(this.#places.shift() as Place<Result>);
    if (this.#inside <= lowWaterMark) flow?.release(this);
    this.#endIfEmpty();
  }

  #leave(place: Place<Result>): void {
    this.#inside -= 1;
    this.#subscriber.next((place.result as { readonly value: Result | RejectedFrame }).value);
  }

  #endIfEmpty(): void {
    if (this.#inside === 0) this.#atEnd?.();
  }
}
