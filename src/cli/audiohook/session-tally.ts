import type { AudioFrame } from '../../genesys/audiohook/audio-frame.ts';
import { Tally } from '../stream/tally.ts';

/** **Counts what one session brought.** */
export class SessionTally {
  /** On the monotonic clock, in milliseconds. */
  readonly startedAt = performance.now();
  readonly outcomes = new Tally();
  audioMessages = 0;
  audioBytes = 0;
  /** Of one channel. */
  audioSamples = 0;
  /** Where the audio received so far ends in the stream, in samples of one channel. */
  position = 0;
  transcripts = 0;

  addAudio({ decodedData, samples, position }: AudioFrame): void {
    this.audioMessages += 1;
    this.audioBytes += decodedData.byteLength;
    this.audioSamples += samples;
    this.position = position + samples;
  }

  /** What is missing of the audio up to the last that came, in samples of one channel. */
  get missingSamples(): number {
    return this.position - this.audioSamples;
  }
}
