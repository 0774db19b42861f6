import { Subscription, type Observable } from 'rxjs';
import { endingWith } from './ending-with.ts';
import { OverflowError } from './errors.ts';
import { Fifo } from './fifo.ts';
import type { Flow } from './flow.ts';
import { knownOptions, optionError, positiveInteger, withMethod } from './options.ts';

/** Options of {@link toAsyncIterable}. */
export interface ToAsyncIterableOptions {
  /** The one that `connect` has: through it the socket is paused while too much waits. @defaultValue none */
  readonly flow?: Flow;
  /** With so many values waiting, the flow is held. @defaultValue 256 */
  readonly highWaterMark?: number;
  /** With so few values waiting, the flow is released. @defaultValue half of `highWaterMark` */
  readonly lowWaterMark?: number;
  /** Once it is aborted, the source is left, and the loop throws its reason. @defaultValue none */
  readonly signal?: AbortSignal;
}

/**
 * **Reads a stream by `for await`**, which takes the next value when it is done with the last one.
 *
 * Each loop subscribes when it asks for its first value, and unsubscribes however it is left: by its end, `break`, `return`, an
 * error thrown in it, or the signal, even while it waits for a value. Values that come faster wait; the source's completion and error come after those that came before.
 *
 * With a `flow` nothing is lost, in bounded memory: at `highWaterMark` the socket is paused. What nothing can pause fails with an
 * `OverflowError` once more would wait than that.
 *
 * ```ts
 * for await (const frame of toAsyncIterable(frames$, { flow, signal: AbortSignal.timeout(60_000) })) await save(frame);
 * ```
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function toAsyncIterable<T>(source: Observable<T>, options: ToAsyncIterableOptions = {}): AsyncIterable<T> {
  withMethod('toAsyncIterable: source', 'pipe', source);
  const settings = check(options);
  return { [Symbol.asyncIterator]: () => new Loop(source, settings) };
}

function check(options: ToAsyncIterableOptions) {
  knownOptions('toAsyncIterable', options, ['flow', 'highWaterMark', 'lowWaterMark', 'signal']);
  const { flow, signal } = options;
  const highWaterMark = positiveInteger('toAsyncIterable: highWaterMark', options.highWaterMark ?? 256);
  const lowWaterMark = options.lowWaterMark ?? Math.floor(highWaterMark / 2);
  if (!Number.isSafeInteger(lowWaterMark) || lowWaterMark < 0 || lowWaterMark >= highWaterMark) {
    const allowed = `an integer from 0, below highWaterMark (${highWaterMark})`;
    throw optionError('toAsyncIterable: lowWaterMark', allowed, lowWaterMark);
  }
  return {
    flow: flow === undefined ? undefined : withMethod('toAsyncIterable: flow', 'hold', flow),
    signal: signal === undefined ? undefined : withMethod('toAsyncIterable: signal', 'addEventListener', signal),
    highWaterMark,
    lowWaterMark,
  };
}

/** One that asked for a value that is not there yet. */
interface Asker<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** How a loop ends: with an error where there is one. */
interface End {
  readonly error?: { readonly thrown: unknown };
}

const DONE = { done: true, value: undefined } as const;

/** One loop: its subscription, and the values that wait for it. No generator: that could not be left while it waits. */
class Loop<T> implements AsyncIterator<T, undefined> {
  readonly #source: Observable<T>;
  readonly #settings: ReturnType<typeof check>;
  readonly #subscription = new Subscription();
  /** Listens to the signal: until the end has been told, since what waits may be given long after the source has ended. */
  readonly #listening = new Subscription();
  readonly #values = new Fifo<T>();
  #waiting = 0;
  readonly #askers = new Fifo<Asker<T>>();
  #isStarted = false;
  /** Set when no more will come; the error is thrown once. */
  #end: End | undefined;

  constructor(source: Observable<T>, settings: ReturnType<typeof check>) {
    this.#source = source;
    this.#settings = settings;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (!this.#isStarted) this.#start();
    return new Promise((resolve, reject) => {
      this.#askers.push({ resolve, reject });
      this.#answer();
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#leave({});
    return Promise.resolve(DONE);
  }

  #start(): void {
    this.#isStarted = true;
    const { flow, signal } = this.#settings;
    const abort = () => this.#leave({ error: { thrown: signal?.reason } });
    if (signal?.aborted) {
      abort();
      return;
    }
    signal?.addEventListener('abort', abort);
    this.#listening.add(() => signal?.removeEventListener('abort', abort));
    this.#subscription.add(() => flow?.release(this));
    this.#subscription.add(
      this.#source.pipe(endingWith(this.#subscription)).subscribe({
        next: (value) => this.#take(value),
        error: (error: unknown) => this.#finish({ error: { thrown: error } }),
        complete: () => this.#finish({}),
      }),
    );
  }

  #take(value: T): void {
    const { flow, highWaterMark } = this.#settings;
    if (this.#waiting >= highWaterMark && flow?.attached !== true) {
      const message = `toAsyncIterable: ${this.#waiting} values are waiting for the loop, at most ${highWaterMark} are allowed, and nothing can pause the source.`;
      this.#finish({
        error: { thrown: new OverflowError(`${message} Give connect and toAsyncIterable the same Flow.`) },
      });
      return;
    }
    this.#values.push(value);
    this.#waiting += 1;
    this.#answer();
    if (this.#waiting >= highWaterMark) flow?.hold(this);
  }

  /** Gives each that asks what is there for it. */
  #answer(): void {
    const { flow, lowWaterMark } = this.#settings;
    while (this.#waiting > 0 || this.#end !== undefined) {
      const asker = this.#askers.shift();
      if (asker === undefined) return;
      if (this.#waiting > 0) {
        this.#waiting -= 1;
        asker.resolve({ done: false, value: this.#values.shift() as T });
        if (this.#waiting <= lowWaterMark) flow?.release(this);
        continue;
      }
      this.#listening.unsubscribe();
      const error = this.#end?.error;
      this.#end = {};
      if (error === undefined) asker.resolve(DONE);
      else asker.reject(error.thrown);
    }
  }

  /** Nothing more comes: what waits is still given, then the end. */
  #finish(end: End): void {
    this.#end ??= end;
    this.#subscription.unsubscribe();
    this.#answer();
  }

  /** Nothing more is wanted. */
  #leave(end: End): void {
    this.#isStarted = true;
    this.#waiting = 0;
    this.#end = end;
    this.#subscription.unsubscribe();
    this.#listening.unsubscribe();
    this.#answer();
  }
}
