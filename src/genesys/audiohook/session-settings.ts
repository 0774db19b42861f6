import type { SchedulerLike, TimestampProvider } from 'rxjs';
import type { AudioHookNotice } from './audio-hook-notice.ts';
import type { MediaParameter } from './media.ts';
import type { AudioHookSession, SessionOffer } from './session.ts';

/** What is answered to an `open`. */
export interface Acceptance {
  /** One of those that were offered; `undefined`: a session without audio. */
  readonly media: MediaParameter | undefined;
  /** Where the audio that is wanted begins, in samples: for a session that goes on with another one. @defaultValue where it is */
  readonly discardTo?: number;
}

/** Decides on an `open`: `false` is `unauthorized`. */
export type Accept = (offer: SessionOffer) => Acceptance | false | PromiseLike<Acceptance | false>;

/** What all sessions of a server have in common. */
export interface SessionSettings {
  readonly accept: Accept;
  readonly supportedLanguages: readonly string[];
  readonly maxMessagesPerSecond: number;
  readonly idleTimeout: number;
  readonly closeTimeout: number;
  readonly scheduler: SchedulerLike;
  readonly clock: TimestampProvider;
  /** Hands a session out. */
  readonly handOut: (session: AudioHookSession) => void;
  readonly notice: (notice: AudioHookNotice) => void;
}
