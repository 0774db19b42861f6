/** What is looked at of a state. */
interface AnyState {
  readonly status: string;
  readonly connectionId?: string;
}

/**
 * **The state that a stream is in**, by the states that its connections reported one after the other: of several connections, one
 * that is open is what counts.
 */
export class PresentState<State extends AnyState> {
  /** Undefined before the first. */
  current: State | undefined;
  readonly #open = new Set<string>();

  /** How many connections are open. */
  get openConnections(): number {
    return this.#open.size;
  }

  /** @returns whether this is now the state of the stream */
  take(state: State): boolean {
    const { status, connectionId } = state;
    if (connectionId !== undefined) {
      if (status === 'open') this.#open.add(connectionId);
      else this.#open.delete(connectionId);
    }
    const counts = status === 'open' || this.#open.size === 0;
    if (counts) this.current = state;
    return counts;
  }
}
