import type { MediaOffer } from './media-offer.ts';
import { sampleBytes } from './media-offer.ts';
import { decodeMuLaw, encodeMuLaw } from './mu-law.ts';

/** Audio in one format, made once and shared by all sessions that have chosen it. */
export interface AudioTrack {
  /** Interleaved samples from a position on: a view, not to be written to. Shorter where the audio ends. */
  slice(position: number, samples: number): Uint8Array;
}

/** What sessions say: see `toneSource`, `speechLikeSource` and `wavSource`. */
export interface AudioSource {
  /** How many samples it has of each channel; `Infinity` where it starts again at its end. */
  readonly samples: number;
  /** It in the form that was chosen. `longest` is the longest slice that will be asked for, in samples. */
  track(media: MediaOffer, longest: number): AudioTrack;
}

/** The samples of one channel: 16-bit linear, or μ-law bytes. */
export type ChannelSamples = Int16Array | Uint8Array;

const linear = (samples: ChannelSamples): Int16Array =>
  samples instanceof Int16Array ? samples : Int16Array.from(samples, decodeMuLaw);

const muLaw = (samples: ChannelSamples): Uint8Array =>
  samples instanceof Int16Array ? Uint8Array.from(samples, encodeMuLaw) : samples;

/** Interleaves, from the first sample to `length`, beginning again where the channels end. */
function rendered(
  channels: readonly ChannelSamples[],
  { format, channels: names }: MediaOffer,
  length: number,
): Uint8Array {
  // A source of one channel is heard on both.
  const chosen = names.map(
    (name) => (name === 'internal' ? channels[1] : channels[0]) ?? channels[0],
  ) as ChannelSamples[];
  const bytes = Buffer.alloc(length * sampleBytes({ format, channels: names }));
  const coded = chosen.map((samples) => (format === 'PCMU' ? muLaw(samples) : linear(samples)));
  let offset = 0;
  for (let place = 0; place < length; place += 1) {
    for (const samples of coded) {
      const sample = samples[place % samples.length] as number;
      offset = format === 'PCMU' ? bytes.writeUInt8(sample, offset) : bytes.writeInt16LE(sample, offset);
    }
  }
  return bytes;
}

/**
 * **A source from the samples of its channels**, external first, which are equally long.
 *
 * @param loops - whether it starts again at its end
 */
export function audioSource(channels: readonly ChannelSamples[], loops: boolean): AudioSource {
  const length = channels[0]?.length ?? 0;
  const tracks = new Map<string, AudioTrack>();

  function makeTrack(media: MediaOffer, longest: number): AudioTrack {
    const width = sampleBytes(media);
    // A slice that goes past the end of a loop has its beginning behind it.
    const bytes = rendered(channels, media, loops ? length + longest : length);
    return {
      slice: (position, samples) => {
        const start = loops ? position % length : position;
        return bytes.subarray(start * width, (start + samples) * width);
      },
    };
  }

  return {
    samples: loops ? Infinity : length,
    track: (media, longest) => {
      const key = `${media.format} ${media.channels.join()} ${loops ? longest : ''}`;
      const track = tracks.get(key) ?? makeTrack(media, longest);
      tracks.set(key, track);
      return track;
    },
  };
}
