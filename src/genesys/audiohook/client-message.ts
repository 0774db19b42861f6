import type { MediaParameter } from './media.ts';
import type { StreamDuration } from './stream-duration.ts';

/** A message that a client sends, with its parameters. */
export interface ClientMessage<Parameters> {
  readonly version: '2';
  /** The session. */
  readonly id: string;
  readonly type: string;
  /** Its number among those of the client: 1, 2, 3, … */
  readonly seq: number;
  /** The number of the last message of the server that was seen. */
  readonly serverseq: number;
  /** How far the stream is, as the client counts. */
  readonly position: StreamDuration;
  readonly parameters: Parameters;
}

/** What an `open` message says of the session that it opens. */
export interface OpenParameters {
  readonly organizationId: string;
  readonly conversationId: string;
  readonly participant: Participant;
  /** What is offered, the client's favourite first. */
  readonly media: readonly MediaParameter[];
  readonly language?: string | null;
  /** Whether the client asks which languages are supported. */
  readonly supportedLanguages?: boolean | null;
  readonly continuedSessions?: readonly ContinuedSession[] | null;
  /** What was configured for the integration. */
  readonly customConfig?: CustomConfig | null;
}

/** Who is heard as `external`. */
export interface Participant {
  readonly id: string;
  /** The number that called. */
  readonly ani: string;
  readonly aniName: string;
  /** The number that was called. */
  readonly dnis: string;
}

/** A session that another one goes on with, and the numbers of its last messages. */
export interface ContinuedSession {
  readonly id: string;
  readonly serverseq: number;
  readonly clientseq: number;
}

/** Any object of JSON. */
export type CustomConfig = Readonly<Record<string, unknown>>;

/** Why the client ends a session. */
export type CloseReason = 'end' | 'error' | 'disconnect' | 'reconnect';

/** What a `close` message says. */
export interface CloseParameters {
  readonly reason: CloseReason;
}

/** What a `ping` says. */
export interface PingParameters {
  /** The last round trip. */
  readonly rtt?: StreamDuration | null;
}

/** What `resumed` and `discarded` say: which part of the stream was left out. */
export interface SpanParameters {
  readonly start: StreamDuration;
  readonly discarded: StreamDuration;
}

/** What an `update` says. */
export interface UpdateParameters {
  readonly language: string;
}

/** What an `error` says. */
export interface ErrorParameters {
  /** A status, as in HTTP. */
  readonly code: number;
  readonly message: string;
  readonly retryAfter?: StreamDuration | null;
}
