import type { MediaOffer } from './media-offer.ts';

/**
 * How a session ended:
 * - `closed`: by `close` and `closed`, at the end of its audio, by script, or for a reconnection
 * - `refused`: the server did not upgrade; `status` says what it answered
 * - `disconnected`: the server sent `disconnect`
 * - `cut`: the socket ended in the middle, or was ended by a fault or by `stop`
 * - `timeout`: an answer was missing (upgrade, `opened`, `pong`, `closed`), the audio stood
 *   still for more than 10 s, or the session gave up as a fault wants it
 * - `error`: the server did not keep to the protocol (see `errors`), or could not be reached (see `failure`)
 */
export type CallOutcome = 'closed' | 'refused' | 'disconnected' | 'cut' | 'timeout' | 'error';

/** What `opened` said. */
export interface OpenedParameters {
  readonly media: readonly MediaOffer[];
  readonly discardTo?: string;
  readonly startPaused?: boolean;
  readonly supportedLanguages?: readonly string[];
}

/** What one session met. A call that was reconnected has several. */
export interface CallResult {
  /** The ordinal of the call, from 0. */
  readonly session: number;
  readonly sessionId: string;
  readonly conversationId: string;
  /** The session that it went on with, after a reconnection. */
  readonly continues?: string;
  readonly outcome: CallOutcome;
  /** The HTTP status of a refused upgrade. */
  readonly status?: number;
  /** The close code of the WebSocket, where one was open; 1006 where it ended without. */
  readonly closeCode?: number;
  /** What the socket said, where it failed. */
  readonly failure?: string;
  /** The server's `disconnect`. */
  readonly disconnect?: { readonly reason: string; readonly info?: string };
  /** The parameters of `opened`. */
  readonly opened?: OpenedParameters;
  /** What was sent of the audio, and the samples of one channel that were not. */
  readonly audio: {
    readonly messages: number;
    readonly bytes: number;
    /** Of one channel. */
    readonly samples: number;
    readonly discardedSamples: number;
  };
  /** SHA-256 of all audio sent, in order, as hexadecimal digits. */
  readonly sha256: string;
  /** The entities of `event` messages. */
  readonly events: {
    readonly transcripts: number;
    readonly others: number;
    /** The last 100, oldest first. One of more than 16,384 characters of JSON is kept as its `type` and `leftOut`, which says how long it was. */
    readonly last: readonly unknown[];
  };
  /** The last 100 `error` messages that were sent, oldest first. */
  readonly errors: readonly { readonly code: number; readonly message: string }[];
}
