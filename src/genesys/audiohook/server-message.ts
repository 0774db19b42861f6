import type { EventEntity } from './event-entity.ts';
import type { MediaParameter } from './media.ts';
import type { StreamDuration } from './stream-duration.ts';

/** Why a server ends a session. */
export type DisconnectReason = 'completed' | 'unauthorized' | 'error';

/** What is in the `parameters` of each message that a server sends. */
export interface ServerParameters {
  readonly opened: {
    /** What was chosen of what was offered: one entry, or none. */
    readonly media: readonly MediaParameter[];
    readonly startPaused?: boolean;
    readonly discardTo?: StreamDuration;
    readonly supportedLanguages?: readonly string[];
  };
  readonly closed: object;
  readonly pong: object;
  readonly pause: object;
  readonly resume: object;
  readonly updated: object;
  readonly disconnect: { readonly reason: DisconnectReason; readonly info?: string };
  readonly event: { readonly entities: readonly EventEntity[] };
  readonly reconnect: { readonly info?: string };
}

/** The type of a message that a server sends. */
export type ServerMessageType = keyof ServerParameters;

/** A message that a server sends. */
export interface ServerMessage<Type extends ServerMessageType = ServerMessageType> {
  readonly version: '2';
  readonly type: Type;
  /** The session. */
  readonly id: string;
  /** Its number among those of the server: 1, 2, 3, … */
  readonly seq: number;
  /** The number of the last message of the client that was seen. */
  readonly clientseq: number;
  readonly parameters: ServerParameters[Type];
}
