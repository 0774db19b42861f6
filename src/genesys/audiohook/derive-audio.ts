import { AudioFrame, type AudioPlace } from './audio-frame.ts';

/** **Another frame with those samples**: what `change` does not name is as in the frame that it is made of. */
export function deriveAudio(frame: AudioFrame, samples: Uint8Array, change: Partial<AudioPlace>): AudioFrame {
  return new AudioFrame(frame, samples, {
    format: change.format ?? frame.format,
    channels: change.channels ?? frame.channels,
    rate: frame.rate,
    position: change.position ?? frame.position,
    filled: change.filled ?? frame.filled,
  });
}
