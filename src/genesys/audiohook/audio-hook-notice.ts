import type { RejectedFrame } from '../../../operators/frame.ts';
import type { RefusalReason } from './authenticate.ts';
import type { SessionEnd, SessionOffer } from './session.ts';

/** Which session a notice is of. */
export interface SessionOfNotice {
  readonly sessionId: string;
  readonly organizationId: string;
  /** The connection: two at a time may name the same session. */
  readonly connectionId: string;
}

/** **What `audioHook` has to say besides the sessions.** Nothing of it holds a key, a secret or a signature. */
export type AudioHookNotice =
  /** The server listens. Not told where the server is the caller's own. */
  | { readonly type: 'listening'; readonly url: string }
  /**
   * A request was not let in. The peer is told the status, and nothing else. `gone`: when it was to be answered the connection was over, or another
   * listener of the server had taken it; such as a `WebSocketServer` that was made with `{ server }`, and answers 400.
   */
  | {
      readonly type: 'refused';
      readonly status: number | undefined;
      readonly reason: RefusalReason | 'too-many-sessions' | 'too-many-requests' | 'stopping' | 'no-upgrade' | 'gone';
      /** From where, by its IP address: that of a proxy, where there is one. */
      readonly address: string | undefined;
      /** Which organisation it named, true or not. */
      readonly organizationId: string | undefined;
      /** What the lookup of the credentials failed with. */
      readonly cause?: string;
    }
  /** A session was opened. A probe is opened, and not handed out. */
  | ({ readonly type: 'opened'; readonly session: SessionOffer } & SessionOfNotice)
  /** A message was rejected. Also among the frames of its session, where that was handed out. */
  | ({ readonly type: 'rejected'; readonly frame: RejectedFrame } & SessionOfNotice)
  /** `accept` failed, or chose what was not offered. The client was told that there was an error. */
  | ({ readonly type: 'failed'; readonly cause: unknown } & SessionOfNotice)
  /** A connection that was let in has ended. */
  | (SessionEnd & SessionOfNotice);
