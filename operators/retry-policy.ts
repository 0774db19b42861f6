import { GaveUpError, RxFrameError, ThrottledError } from './errors.ts';
import type { FailureClass } from './failure-class.ts';
import { LONGEST_DELAY, optionError } from './options.ts';

/** The figures that a {@link RetryPolicy} decides by. Times are in milliseconds. */
export interface RetryLimits {
  readonly initialDelay: number;
  readonly maxDelay: number;
  readonly maxAttempts: number;
  readonly stableAfter: number;
  readonly authDelay: number;
  readonly maxAuthFailures: number;
  readonly maxProtocolFailures: number;
}

/** What is to be done about a failure. */
export type Verdict =
  /** `backoff`: the delay is our own choice, so that it may be cut short when the network comes back. */
  | { readonly action: 'wait'; readonly delay: number; readonly attempt: number; readonly backoff: boolean }
  | { readonly action: 'complete' }
  | { readonly action: 'fail'; readonly error: unknown };

/**
 * **Decides what to do about each failure of a connection.** Knows no clock and no socket: it is told how long the
 * connection had been open. One for each subscription, because it counts failures in a row.
 */
export class RetryPolicy {
  #attempts = 0;
  #authFailures = 0;
  #protocolFailures = 0;
  readonly #limits: RetryLimits;
  readonly #random: () => number;

  constructor(limits: RetryLimits, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  decide(error: unknown, failure: FailureClass, openFor: number): Verdict {
    // Not by an auth failure's own time: it may be that of a slow token request.
    if (openFor > 0 && failure !== 'auth') this.#authFailures = 0;
    if (openFor >= this.#limits.stableAfter) {
      this.#attempts = 0;
      this.#authFailures = 0;
      this.#protocolFailures = 0;
    }
    if (failure === 'done') return { action: 'complete' };
    if (failure === 'fatal') return { action: 'fail', error };

    this.#attempts += 1;
    if (failure === 'auth') {
      this.#authFailures += 1;
      if (this.#authFailures >= this.#limits.maxAuthFailures) return { action: 'fail', error };
    }
    if (failure === 'protocol') {
      this.#protocolFailures += 1;
      if (this.#protocolFailures >= this.#limits.maxProtocolFailures)
        return giveUp(error, this.#protocolFailures, 'maxProtocolFailures');
    }
    if (this.#attempts >= this.#limits.maxAttempts) return giveUp(error, this.#attempts, 'maxAttempts');

    if (failure === 'auth') return this.#wait(this.#limits.authDelay, false);
    const retryAfter = error instanceof ThrottledError ? error.retryAfter : undefined;
    if (retryAfter === undefined) return this.#wait(this.#jitter(), true);
    return this.#wait(retryAfter + this.#jitter(), false);
  }

  /** Full jitter: anything from 0 to the ceiling, which doubles from attempt to attempt up to the cap. */
  #jitter(): number {
    // Bounded, because 0 times Infinity is no delay.
    const doublings = Math.min(this.#attempts - 1, 1_000);
    const random = this.#random();
    if (!(random >= 0 && random <= 1))
      throw optionError('reconnect: random', 'a function that gives numbers from 0 to 1', random);
    return random * Math.min(this.#limits.maxDelay, this.#limits.initialDelay * 2 ** doublings);
  }

  #wait(delay: number, backoff: boolean): Verdict {
    return { action: 'wait', delay: Math.min(Math.round(delay), LONGEST_DELAY), attempt: this.#attempts, backoff };
  }
}

/** Says how many there were, of what kind, and which option is the limit. */
function giveUp(error: unknown, count: number, limit: 'maxAttempts' | 'maxProtocolFailures'): Verdict {
  const [one, many] =
    limit === 'maxAttempts'
      ? ['failed connection', 'failed connections in a row']
      : ['failure of class protocol', 'failures of class protocol with no stable connection between'];
  const last = error instanceof RxFrameError ? ` The last failure: ${error.message}` : '';
  const message = `Gave up after ${count} ${count === 1 ? one : many} (${limit}).${last}`;
  return { action: 'fail', error: new GaveUpError(message, count, error) };
}
