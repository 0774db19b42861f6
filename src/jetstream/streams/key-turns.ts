import { Fifo } from '../../../operators/fifo.ts';

/**
 * **Whose turn it is: of each key one at a time, in order.** What has no key waits for nobody.
 *
 *     added       a1 a2 b1
 *     next        a1 b1          a2 once a1 has left
 */
export class KeyTurns<T extends { readonly key: string | undefined }> {
  /** By key: those behind the one whose turn it is. */
  readonly #behind = new Map<string, Fifo<T>>();
  /** Those whose turn it is. */
  readonly #ready = new Fifo<T>();

  add(item: T): void {
    const { key } = item;
    const behind = key === undefined ? undefined : this.#behind.get(key);
    if (behind !== undefined) {
      behind.push(item);
      return;
    }
    if (key !== undefined) this.#behind.set(key, new Fifo());
    this.#ready.push(item);
  }

  /** The next one whose turn it is. It has its turn until it leaves. */
  next(): T | undefined {
    return this.#ready.shift();
  }

  /** It is the turn of this one again: it has been {@link next}, and has not left. */
  again(item: T): void {
    this.#ready.push(item);
  }

  /** It is over with this one: the next of its key has its turn. */
  leave({ key }: T): void {
    if (key === undefined) return;
    const following = this.#behind.get(key)?.shift();
    if (following === undefined) this.#behind.delete(key);
    else this.#ready.push(following);
  }
}
