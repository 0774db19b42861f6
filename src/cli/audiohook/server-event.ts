import type { AudioHookNotice } from '../../genesys/audiohook/audio-hook-notice.ts';
import type { MediaParameter } from '../../genesys/audiohook/media.ts';
import type { SessionEnd, SessionOffer } from '../../genesys/audiohook/session.ts';
import type { SessionTally } from './session-tally.ts';

/** A request that was not let in. */
export type Refusal = Extract<AudioHookNotice, { readonly type: 'refused' }>;

/** **What the log of the server tells**: a line each. */
export type ServerEvent =
  | Extract<AudioHookNotice, { readonly type: 'listening' }>
  | Refusal
  /** Requests that were not let in, and not told one by one. */
  | { readonly type: 'more-refused'; readonly count: number }
  | {
      readonly type: 'opened';
      readonly session: SessionOffer;
      /** Undefined: no audio. */
      readonly media: MediaParameter | undefined;
    }
  | {
      readonly type: 'ended';
      readonly sessionId: string;
      readonly end: SessionEnd;
      /** Undefined: a probe, or a session that was never opened. */
      readonly received: SessionTally | undefined;
    }
  | { readonly type: 'failed'; readonly sessionId: string; readonly cause: unknown }
  /** Nobody is let in any more, and so many sessions are asked to close. */
  | { readonly type: 'stopping'; readonly sessions: number };
