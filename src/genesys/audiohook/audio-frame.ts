import { Parsed, type RawFrame } from '../../../operators/frame.ts';
import { SAMPLE_BYTES, type MediaChannel, type MediaFormat, type MediaParameter } from './media.ts';

/** What an {@link AudioFrame} has besides its samples. */
export interface AudioPlace extends Pick<MediaParameter, 'format' | 'channels' | 'rate'> {
  /** Where its first sample is in the stream, in samples of one channel. */
  readonly position: number;
  /** Whether it is silence that stands for audio that never came. @defaultValue false */
  readonly filled?: boolean;
}

/**
 * **A piece of a conversation's audio.** A frame like any other, of payload type `audio`, so that `metrics`, `audit` and
 * `processWith` take it; its `decodedData` are the samples, interleaved where there are several channels. What an operator makes
 * of one keeps the rest of the frame that it came in: `rawData` is the message as received.
 */
export class AudioFrame extends Parsed<'audio', Uint8Array> {
  declare readonly format: MediaFormat;
  /** Which channels, in the order in which their samples are interleaved. */
  declare readonly channels: readonly MediaChannel[];
  /** Samples a second, of each channel. */
  declare readonly rate: MediaParameter['rate'];
  /** Where its first sample is in the stream, in samples of one channel: divided by `rate`, in seconds. */
  declare readonly position: number;
  /** Whether it is silence that stands for audio that never came. */
  declare readonly filled: boolean;

  constructor(frame: RawFrame | Parsed<'audio', Uint8Array>, samples: Uint8Array, place: AudioPlace) {
    super(frame, 'audio', samples, undefined);
    this.format = place.format;
    this.channels = place.channels;
    this.rate = place.rate;
    this.position = place.position;
    this.filled = place.filled ?? false;
  }

  /** How many samples it has of each channel. */
  get samples(): number {
    return this.decodedData.byteLength / (SAMPLE_BYTES[this.format] * this.channels.length);
  }

  /** How long it lasts, in milliseconds. */
  get duration(): number {
    return (this.samples / this.rate) * 1000;
  }
}
