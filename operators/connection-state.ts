import type { FailureClass } from './failure-class.ts';

/**
 * What a connection is doing. `connect` reports `connecting`, `open`, `closing` and `closed`; `reconnect` reports
 * `waiting` and `failed`. With one Observer handed to both, the states of a reconnecting stream are, for example:
 *
 *     connecting → open → closed (with its cause) → waiting → connecting → open → closing → closed
 */
export type ConnectionState =
  | { readonly status: 'connecting' | 'open' | 'closing'; readonly connectionId: string }
  /** The socket is gone. `cause` is absent where it closed in the ordinary way (1000), or because we let it go. */
  | { readonly status: 'closed'; readonly connectionId: string; readonly cause?: unknown }
  /** The next attempt is made in `delay` milliseconds. `attempt` counts the failures in a row, from 1. */
  | {
      readonly status: 'waiting';
      readonly delay: number;
      readonly attempt: number;
      readonly failure: FailureClass;
      readonly cause: unknown;
    }
  /** No further attempt is made: the stream ends with `cause` as its error. */
  | { readonly status: 'failed'; readonly cause: unknown };
