import type { ConnectionState } from '../../operators/connection-state.ts';
import { GaveUpError } from '../../operators/errors.ts';
import { failureClass, type FailureClass } from '../../operators/failure-class.ts';
import { PresentState } from '../../operators/present-state.ts';

/** **What has become of the connections of a stream**, by the states that they reported. */
export class ConnectionTotals {
  opened = 0;
  readonly failures: Record<FailureClass, number> = {
    auth: 0,
    throttled: 0,
    fatal: 0,
    transient: 0,
    protocol: 0,
    done: 0,
  };
  readonly #present = new PresentState<ConnectionState>();
  /** Counted when `connect` reported them; `reconnect` reports the same ones again. */
  readonly #counted = new WeakSet();

  /** The state that counts; undefined before the first. */
  get current(): ConnectionState | undefined {
    return this.#present.current;
  }

  /** How many are open now. */
  get open(): number {
    return this.#present.openConnections;
  }

  take(state: ConnectionState): void {
    this.#present.take(state);
    if (state.status === 'open') this.opened += 1;
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
