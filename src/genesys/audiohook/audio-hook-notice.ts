import type { RejectedFrame } from '../../../operators/frame.ts';
import type { RefusalReason } from './authenticate.ts';
import type { SessionEnd, SessionOffer } from './session.ts';

/** **What `audioHook` has to say besides the sessions.** Nothing of it holds a key, a secret or a signature. */
export type AudioHookNotice =
  /** The server listens. Not told where the server is the caller's own. */
  | { readonly type: 'listening'; readonly url: string }
  /** A request was not let in. The peer is told the status, and nothing else. */
  | {
      readonly type: 'refused';
      readonly status: number;
      readonly reason: RefusalReason | 'too-many-sessions' | 'stopping' | 'no-upgrade';
      /** From where, by its IP address: that of a proxy, where there is one. */
      readonly address: string | undefined;
      /** What the lookup of the credentials failed with. */
      readonly cause?: string;
    }
  /** A session was opened. A probe is opened, and not handed out. */
  | { readonly type: 'opened'; readonly session: SessionOffer }
  /** A message was rejected. Also among the frames of its session, where that was handed out. */
  | { readonly type: 'rejected'; readonly sessionId: string; readonly frame: RejectedFrame }
  /** `accept` failed, or chose what was not offered. The client was told that there was an error. */
  | { readonly type: 'failed'; readonly sessionId: string; readonly cause: unknown }
  /** A connection that was let in has ended. */
  | ({ readonly sessionId: string } & SessionEnd);
