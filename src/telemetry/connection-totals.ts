import type { ConnectionState } from '../../operators/connection-state.ts';
import { GaveUpError } from '../../operators/errors.ts';
import { failureClass, type FailureClass } from '../../operators/failure-class.ts';

/** **What has become of the connections of a stream**, by the states that they reported. */
export class ConnectionTotals {
  /** The state that counts: of several connections, one that is open; undefined before the first. */
  current: ConnectionState | undefined;
  opened = 0;
  readonly failures: Record<FailureClass, number> = {
    auth: 0,
    throttled: 0,
    fatal: 0,
    transient: 0,
    protocol: 0,
    done: 0,
  };
  readonly #open = new Set<string>();
  /** Counted when `connect` reported them; `reconnect` reports the same ones again. */
  readonly #counted = new WeakSet();

  /** How many are open now. */
  get open(): number {
    return this.#open.size;
  }

  take(state: ConnectionState): void {
    if (state.status === 'open') {
      this.opened += 1;
      this.#open.add(state.connectionId);
    } else if ('connectionId' in state) this.#open.delete(state.connectionId);
    if (state.status === 'open' || this.#open.size === 0) this.current = state;
    if ('cause' in state) this.#count(state.status, state.cause);
  }

  #count(status: ConnectionState['status'], reported: unknown): void {
    const cause = reported instanceof GaveUpError ? reported.cause : reported;
    const isObject = typeof cause === 'object' && cause !== null;
    if (isObject && this.#counted.delete(cause)) return;
    this.failures[failureClass(cause)] += 1;
    if (isObject && status === 'closed') this.#counted.add(cause);
  }
}
