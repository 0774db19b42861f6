import type { StreamDuration } from './stream-duration.ts';

/** **Something that the server found out**, sent to Genesys Cloud in an `event`: its type, and what belongs to it. */
export interface EventEntity {
  /** Such as `transcript` or `agentassist`. */
  readonly type: string;
  /** Any JSON value. */
  readonly data: unknown;
}

/** What was said on one channel, in an `event` of type `transcript`. */
export interface TranscriptEntity extends EventEntity {
  readonly type: 'transcript';
  readonly data: Transcript;
}

/** An utterance. */
export interface Transcript {
  /** A UUID: the same for each version of the same utterance. */
  readonly id: string;
  /** The place of the channel among the session's: 0 or 1. */
  readonly channelId: 0 | 1;
  /** Whether no better version of it will follow. */
  readonly isFinal: boolean;
  /** Where it begins in the stream. */
  readonly offset?: StreamDuration;
  readonly duration?: StreamDuration;
  /** At least one, the likeliest first. */
  readonly alternatives: readonly TranscriptAlternative[];
}

/** One reading of an utterance. */
export interface TranscriptAlternative {
  /** From 0 to 1. */
  readonly confidence: number;
  /** Language codes, such as `en-US`. */
  readonly languages?: readonly string[];
  readonly interpretations: readonly TranscriptInterpretation[];
}

/** A reading as it is shown. */
export interface TranscriptInterpretation {
  readonly type: 'display';
  readonly transcript: string;
  readonly tokens?: readonly TranscriptToken[];
}

/** A word of it. */
export interface TranscriptToken {
  readonly type: 'word';
  readonly value: string;
  /** From 0 to 1. */
  readonly confidence: number;
  /** Where it begins in the stream. */
  readonly offset: StreamDuration;
  readonly duration: StreamDuration;
  readonly language?: string;
}
