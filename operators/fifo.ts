/** **First in, first out**, at the same cost however many there are: an array's `shift` moves all the others. */
export class Fifo<T> {
  /** The oldest, in reverse. */
  #front: T[] = [];
  /** The newest, in order of arrival. */
  #back: T[] = [];

  push(item: T): void {
    this.#back.push(item);
  }

  /** The oldest one, which stays. */
  peek(): T | undefined {
    this.#refill();
    return this.#front.at(-1);
  }

  /** Takes the oldest one out. */
  shift(): T | undefined {
    this.#refill();
    return this.#front.pop();
  }

  /** All of them, oldest first. They stay. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let at = this.#front.length - 1; at >= 0; at -= 1) yield this.#front[at] as T;
    yield* this.#back;
  }

  #refill(): void {
    if (this.#front.length === 0) [this.#front, this.#back] = [this.#back.reverse(), this.#front];
  }
}
