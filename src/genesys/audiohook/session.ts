import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { Flow } from '../../../operators/flow.ts';
import type { RejectedFrame } from '../../../operators/frame.ts';
import type { AudioFrame } from './audio-frame.ts';
import type { AudioHookFrame } from './audio-hook-frame.ts';
import type { CloseReason, ContinuedSession, CustomConfig, Participant } from './client-message.ts';
import type { EventEntity } from './event-entity.ts';
import type { MediaParameter } from './media.ts';
import type { DisconnectReason } from './server-message.ts';
import type { SessionState } from './session-protocol.ts';

/** **What a client wants to open**: who it is, which conversation it is about, and what it offers. */
export interface SessionOffer {
  /** The session. Each connection has one of its own. */
  readonly id: string;
  readonly organizationId: string;
  /** By which the platform's support finds the session. */
  readonly correlationId: string;
  readonly conversationId: string;
  /** Who is heard as `external`. */
  readonly participant: Participant;
  /** The language of the conversation, such as `en-US`. */
  readonly language: string | undefined;
  /** What was configured for the integration. */
  readonly customConfig: CustomConfig;
  /** The sessions that this one goes on with. */
  readonly continuedSessions: readonly ContinuedSession[];
  /** What the audio may look like, the client's favourite first. */
  readonly offered: readonly MediaParameter[];
  /** Whether it is no conversation: the platform looks whether the server answers. */
  readonly isProbe: boolean;
}

/** What the client says of the stream, and what becomes of the session. Positions and lengths are in samples of one channel. */
export type SessionEvent =
  /** There will be no audio until it is resumed. */
  | { readonly type: 'paused' }
  /** The audio goes on; so much was left out from `position` on. */
  | { readonly type: 'resumed' | 'discarded'; readonly position: number; readonly samples: number }
  /** The language has changed. */
  | { readonly type: 'updated'; readonly language: string }
  /** The client has met an error: a status as in HTTP, and what it says. `retryAfter` is in milliseconds. */
  | { readonly type: 'error'; readonly code: number; readonly message: string; readonly retryAfter: number | undefined }
  /** The last round trip as the client measured it, in milliseconds. */
  | { readonly type: 'ping'; readonly rtt: number }
  /** The client closes the session: there will be no audio any more. */
  | { readonly type: 'closing'; readonly reason: CloseReason }
  | SessionEnd;

/** How a session ended. It is the last event. */
export interface SessionEnd {
  readonly type: 'ended';
  /** `closed`: the client closed it, in order. `disconnected`: the server asked for it. `lost`: the connection is gone. */
  readonly how: 'closed' | 'disconnected' | 'lost';
  /** The close code of RFC 6455 section 7.4: 1006 where no close frame came. */
  readonly closeCode: number;
  /** What the server gave as the reason, where it asked for the end. */
  readonly disconnect: { readonly reason: DisconnectReason; readonly info: string | undefined } | undefined;
}

/**
 * **A conversation that is streamed to this server.**
 *
 * Its Observables are hot, and complete with the session; none of them fails, so that one session's end does not end the others'.
 * Subscribe to them as soon as the session is handed out: the client is told `opened` right after, and not before.
 */
export interface AudioHookSession extends SessionOffer {
  /** The connection: part of each `frameId`. */
  readonly connectionId: string;
  /** What was chosen of what was offered; `undefined`: no audio. */
  readonly media: MediaParameter | undefined;
  readonly state: SessionState;
  /** Where the next sample will be in the stream, in samples of one channel. */
  readonly position: number;
  /** Every message in order, with one outcome each; those from before the session was handed out first. */
  readonly frames$: Observable<AudioHookFrame | RejectedFrame>;
  /** The audio alone. */
  readonly media$: Observable<AudioFrame>;
  readonly events$: Observable<SessionEvent>;
  /** For `processWith(fn, { flow })`: the client is asked to pause while it is held. Audio of that time is discarded by the client, which says how much. */
  readonly flow: Flow;
  /** Asks the client to pause, until `resume`. Called before `opened` was sent: the session starts paused. */
  pause(this: void): void;
  /** Takes `pause` back. The client goes on unless `flow` is held. */
  resume(this: void): void;
  /** Asks the client to close the session, unless it ends already. @defaultValue `'completed'` */
  disconnect(this: void, reason?: DisconnectReason, info?: string): void;
  /** Asks the client to go on with a new session, such as one with another server. */
  reconnect(this: void, info?: string): void;
  /**
   * Sends something that was found out. Not more than five messages a second, with 25 at once, as the platform allows: what comes
   * faster waits, and goes in common messages.
   *
   * @returns false where it can't be sent any more: the session is not open, or 1,000 or 512 KiB of them are waiting
   * @throws RangeError where it is larger than a message may be; TypeError where it is no JSON, or has no type or no data
   */
  sendEvent(this: void, entity: EventEntity): boolean;
  /**
   * An operator that passes everything: while somebody is subscribed through it, the session is not `closed`, for at most eight
   * seconds. So what is found out of the last audio can still be sent.
   */
  holdOpen<T>(this: void): MonoTypeOperatorFunction<T>;
}
