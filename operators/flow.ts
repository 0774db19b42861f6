/** What can be paused: `connect` attaches its socket while that is open. */
export interface Valve {
  pause(): void;
  resume(): void;
}

/**
 * **The wire between a slow consumer and the socket**: the same object handed to `connect({ flow })` and
 * `processWith(fn, { flow })` lets the one pause the other.
 *
 * The socket is paused while anybody holds the flow. A paused socket is not read: the peer's TCP window fills, and the
 * peer has to wait.
 *
 * ```ts
 * const flow = new Flow();
 * connect({ url, flow }).pipe(decode(types), validate(), accepted(), processWith(save, { flow }));
 * ```
 */
export class Flow {
  readonly #holders = new Set<object>();
  readonly #valves = new Set<Valve>();
  #releases = 0;

  /** Whether somebody holds it now. */
  get held(): boolean {
    return this.#holders.size > 0;
  }

  /** Whether holding it now stops anything: false where no socket is open, or the platform's can't pause. */
  get attached(): boolean {
    return this.#valves.size > 0;
  }

  /** How often it has become free again: tells one who looks now and then whether it was held in between. */
  get releases(): number {
    return this.#releases;
  }

  /** Pauses what is attached, until the same `holder` releases it. */
  hold(holder: object): void {
    const wasHeld = this.held;
    this.#holders.add(holder);
    if (!wasHeld) for (const valve of this.#valves) valve.pause();
  }

  /** Resumes what is attached, unless somebody else holds it too. */
  release(holder: object): void {
    if (!this.#holders.delete(holder) || this.held) return;
    this.#releases += 1;
    for (const valve of [...this.#valves]) {
      // To the end: next time it is another one's turn to be first.
      this.#valves.delete(valve);
      this.#valves.add(valve);
      valve.resume();
      // What it let through may have made somebody hold the flow again.
      if (this.#holders.size > 0) break;
    }
  }

  /** Attaches something that can be paused; paused at once where the flow is held. */
  attach(valve: Valve): void {
    this.#valves.add(valve);
    if (this.held) valve.pause();
  }

  /** Takes it off again, and leaves it running. */
  detach(valve: Valve): void {
    if (this.#valves.delete(valve) && this.held) valve.resume();
  }
}
