import type { AudioFrame } from '../../genesys/audiohook/audio-frame.ts';
import { SAMPLE_BYTES } from '../../genesys/audiohook/media.ts';
import { PCMU_LEVELS } from '../../genesys/audiohook/pcmu.ts';

/**
 * The samples of one channel of a frame, linear, whatever its format.
 *
 * @param channel - the place of the channel in `frame.channels`
 */
export function channelSamples(frame: AudioFrame, channel: number): Int16Array {
  const { decodedData, format, channels } = frame;
  const bytes = SAMPLE_BYTES[format];
  const view = new DataView(decodedData.buffer, decodedData.byteOffset, decodedData.byteLength);
  const samples = new Int16Array(frame.samples);
  for (let index = 0; index < samples.length; index += 1) {
    const at = (index * channels.length + channel) * bytes;
    samples[index] = format === 'L16' ? view.getInt16(at, true) : (PCMU_LEVELS[view.getUint8(at)] as number);
  }
  return samples;
}
