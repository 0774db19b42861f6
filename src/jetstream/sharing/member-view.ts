/**
 * **Who is alive, as one member sees it.** Others are judged when the own heartbeat comes back: what was written before it has been
 * seen by then, so that who was not seen for a ttl has not written. Where the own one is overdue, this member saw nothing, and
 * everybody has a whole ttl again.
 *
 * Times are monotonic milliseconds.
 */
export class MemberView {
  readonly #id: string;
  readonly #seenAt = new Map<string, number>();
  #beatAt: number | undefined;
  #ids: readonly string[] | undefined;

  constructor(id: string) {
    this.#id = id;
  }

  /** The ids, sorted; the same array while nothing changes. Undefined before the first own heartbeat: not all have been seen. */
  get ids(): readonly string[] | undefined {
    if (this.#beatAt === undefined) return undefined;
    return (this.#ids ??= [this.#id, ...this.#seenAt.keys()].sort());
  }

  /** Another one gives a sign of life. */
  saw(id: string, at: number): void {
    if (!this.#seenAt.has(id)) this.#ids = undefined;
    this.#seenAt.set(id, at);
  }

  /** Another one says that it goes. */
  left(id: string): void {
    if (this.#seenAt.delete(id)) this.#ids = undefined;
  }

  /** The own heartbeat, which is sent each third of the ttl, has come back. */
  beat(at: number, ttl: number): void {
    const wasBlind = this.#beatAt !== undefined && at - this.#beatAt > (ttl * 2) / 3;
    this.#beatAt = at;
    for (const [id, seenAt] of this.#seenAt) {
      if (wasBlind) this.#seenAt.set(id, at);
      else if (at - seenAt > ttl) this.left(id);
    }
  }
}
