import { concatMap, type MonoTypeOperatorFunction } from 'rxjs';
import type { AudioFrame } from './audio-frame.ts';
import { deriveAudio } from './derive-audio.ts';
import { SAMPLE_BYTES } from './media.ts';

/**
 * **Makes of each frame one for each of its channels**, in the order of `channels`, at the same position. A frame of one channel
 * passes as it is, the same object.
 *
 *     in             --s------s------m--|        s: external and internal    m: external alone
 *     splitChannels  --(ei)---(ei)---m--|        e: external    i: internal
 *
 * ```ts
 * media$.pipe(splitChannels(), filter(({ channels }) => channels[0] === 'external'))
 * ```
 */
export function splitChannels(): MonoTypeOperatorFunction<AudioFrame> {
  return concatMap((frame) => (frame.channels.length === 1 ? [frame] : split(frame)));
}

function split(frame: AudioFrame): readonly AudioFrame[] {
  const { channels, decodedData } = frame;
  const size = SAMPLE_BYTES[frame.format];
  const step = size * channels.length;
  return channels.map((channel, index) => {
    const samples = new Uint8Array(frame.samples * size);
    for (let from = index * size, to = 0; to < samples.length; from += step, to += size) {
      for (let byte = 0; byte < size; byte += 1) samples[to + byte] = decodedData[from + byte] as number;
    }
    return deriveAudio(frame, samples, { channels: [channel] });
  });
}
