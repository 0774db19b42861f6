/** What happened, in order, and a way to wait for more of it. Is an Observer, so that it can be handed out as one. */
export class Log<T> {
  readonly items: T[] = [];
  #waiting: (() => void)[] = [];

  readonly next = (item: T): void => {
    this.items.push(item);
    for (const look of this.#waiting) look();
  };

  /** Resolves, with the last item, as soon as there are so many. */
  async until(count: number): Promise<T> {
    return this.#when(() => (this.items.length >= count ? this.items[count - 1] : undefined));
  }

  /** Resolves with the first item that is as asked for. */
  async find(is: (item: T) => boolean): Promise<T> {
    return this.#when(() => this.items.find(is));
  }

  #when(found: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const item = found();
        if (item === undefined) return;
        this.#waiting = this.#waiting.filter((other) => other !== look);
        resolve(item);
      };
      this.#waiting.push(look);
      look();
    });
  }
}
