import type { AudioFrame } from '../../genesys/audiohook/audio-frame.ts';
import type { TranscriptEntity } from '../../genesys/audiohook/event-entity.ts';
import { channelSamples } from './channel-samples.ts';
import { madeUpTranscript } from './made-up-transcript.ts';
import { VoiceActivity, type Utterance } from './voice-activity.ts';

/** Options of {@link transcriptStub}. */
export interface TranscriptStubOptions {
  /** The language that the transcripts say they are in, such as `en-US`. Undefined: they say nothing of it. */
  readonly language: string | undefined;
}

/** Made by {@link transcriptStub}. */
export interface TranscriptStub {
  /** Takes the audio of a session as it comes, not split, and gives the transcripts of the utterances that have ended with it. */
  hear(frame: AudioFrame): readonly TranscriptEntity[];
  /** Gives the transcripts of the utterances that are under way: before a pause, another language, the end. */
  end(): readonly TranscriptEntity[];
}

/**
 * **Stands for a transcription service, and makes the words up**: it hears when somebody speaks, on which channel and for how
 * long, and nothing of what is said. So a client can be tried with transcripts of which only the times and the channel are true.
 *
 * Each utterance gives one transcript, in the order in which they end. The same audio gives the same ones, however it is cut, but for
 * their `id`s. For another language, end this one and make another.
 */
export function transcriptStub({ language }: TranscriptStubOptions): TranscriptStub {
  const channels = [new VoiceActivity(), new VoiceActivity()] as const;

  /** What one of the channels has to tell, asked of both. */
  const transcripts = (utterancesOf: (activity: VoiceActivity, channelId: 0 | 1) => readonly Utterance[]) =>
    ([0, 1] as const)
      .flatMap((channelId) =>
        utterancesOf(channels[channelId], channelId).map((utterance) => ({ ...utterance, channelId })),
      )
      .sort((one, other) => endOf(one) - endOf(other))
      .map((utterance) => madeUpTranscript(utterance, utterance.channelId, language));

  return {
    hear: (frame) =>
      transcripts((activity, channelId) =>
        channelId < frame.channels.length ? activity.hear(channelSamples(frame, channelId), frame.position) : [],
      ),
    end: () => transcripts((activity) => activity.end()),
  };
}

function endOf({ position, samples }: Utterance): number {
  return position + samples;
}
