import { Subscription, type SchedulerLike } from 'rxjs';
import { Fifo } from './fifo.ts';

/** **Lets items on after a time**, in the order in which they came, until it is opened. */
export class DelayLine<T> {
  #delay: number;
  readonly #scheduler: SchedulerLike;
  readonly #letOn: (item: T) => void;
  readonly #items = new Fifo<{ readonly item: T; readonly due: number }>();
  #timer = Subscription.EMPTY;

  /** @param delay - in milliseconds; with 0 items are let on as they come */
  constructor(delay: number, scheduler: SchedulerLike, letOn: (item: T) => void) {
    this.#delay = delay;
    this.#scheduler = scheduler;
    this.#letOn = letOn;
  }

  push(item: T): void {
    if (this.#delay === 0) {
      this.#letOn(item);
      return;
    }
    const isFirst = this.#items.peek() === undefined;
    this.#items.push({ item, due: this.#scheduler.now() + this.#delay });
    if (isFirst) this.#wait(this.#delay);
  }

  /** Lets all of them on, now, and from now on each as it comes. */
  open(): void {
    this.#delay = 0;
    this.#timer.unsubscribe();
    for (let first = this.#items.shift(); first !== undefined; first = this.#items.shift()) this.#letOn(first.item);
  }

  /** Stops the timer. What is in the line stays there. */
  stop(): void {
    this.#timer.unsubscribe();
  }

  #wait(delay: number): void {
    this.#timer.unsubscribe();
    this.#timer = this.#scheduler.schedule(() => this.#letDueOn(), delay);
  }

  #letDueOn(): void {
    let first = this.#items.peek();
    while (first !== undefined && first.due <= this.#scheduler.now()) {
      this.#items.shift();
      this.#letOn(first.item);
      first = this.#items.peek();
    }
    if (first !== undefined) this.#wait(first.due - this.#scheduler.now());
  }
}
