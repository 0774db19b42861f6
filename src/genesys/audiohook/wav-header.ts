import type { AudioFrame } from './audio-frame.ts';
import { SAMPLE_BYTES, type MediaFormat } from './media.ts';

/** What all of the audio in a file is. */
export type WavMedia = Pick<AudioFrame, 'format' | 'channels' | 'rate'>;

/** What the header says of a size that is not known yet, or does not fit: the largest number that it can hold. */
const UNKNOWN_SIZE = 0xffff_ffff;

/** The format tags of RFC 2361: WAVE_FORMAT_MULAW and WAVE_FORMAT_PCM. */
const FORMAT_TAG: Readonly<Record<MediaFormat, number>> = { PCMU: 7, L16: 1 };

/**
 * **The bytes of a WAV file before its audio**: `RIFF`, `fmt `, for PCMU `fact` (the format asks for it where samples are not linear), and
 * the head of `data`. As long for any number of samples.
 *
 * @param samples - of each channel. `Infinity` where they are not known yet: tools then read to the end of the file. So they do
 * past 4 GiB, which no size in the header can say
 */
export function wavHeader(media: WavMedia, samples: number): Buffer {
  const sampleBytes = SAMPLE_BYTES[media.format];
  const blockBytes = sampleBytes * media.channels.length;
  const dataBytes = samples * blockBytes;
  const chunks = [
    Buffer.from('WAVE'),
    chunk('fmt ', [
      uint16(FORMAT_TAG[media.format]),
      uint16(media.channels.length),
      uint32(media.rate),
      uint32(media.rate * blockBytes),
      uint16(blockBytes),
      uint16(sampleBytes * 8),
      // How long its extension is, which formats other than PCM have: empty.
      ...(media.format === 'PCMU' ? [uint16(0)] : []),
    ]),
    ...(media.format === 'PCMU' ? [chunk('fact', [uint32(samples)])] : []),
    Buffer.from('data'),
    uint32(dataBytes),
  ];
  const headBytes = chunks.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([Buffer.from('RIFF'), uint32(headBytes + padded(dataBytes)), ...chunks]);
}

/** A chunk begins at an even place: behind an odd length there is a byte that counts in the file's size only. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / 2) * 2;
}

function chunk(name: string, fields: readonly Buffer[]): Buffer {
  const content = Buffer.concat(fields);
  return Buffer.concat([Buffer.from(name), uint32(content.length), content]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Math.min(value, UNKNOWN_SIZE));
  return bytes;
}
