import { readFileSync } from 'node:fs';
import { checkText } from '../checks.ts';
import { audioSource, type AudioSource, type ChannelSamples } from './audio-source.ts';
import { SAMPLE_RATE } from './media-offer.ts';

const PCM = 1;
const MU_LAW = 7;
/** The real format stands in the extension. */
const EXTENSIBLE = 0xfffe;

interface WavParts {
  readonly format: Buffer;
  readonly data: Buffer;
}

/** The two chunks that count. Others are passed over; one that is cut short, or was never given its length, ends with the file. */
function partsOf(file: Buffer, refuse: (why: string) => never): WavParts {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') refuse('is no WAV file');
  let format: Buffer | undefined;
  for (let offset = 12; offset + 8 <= file.length;) {
    const id = file.toString('latin1', offset, offset + 4);
    const length = file.readUInt32LE(offset + 4);
    const body = file.subarray(offset + 8, offset + 8 + length);
    if (id === 'fmt ' && body.length >= 16) format = body;
    if (id === 'data' && format) return { format, data: body };
    offset += 8 + length + (length % 2);
  }
  return refuse('has no format and data');
}

function split(data: Buffer, channels: number, isMuLaw: boolean): readonly ChannelSamples[] {
  const width = isMuLaw ? 1 : 2;
  const length = Math.floor(data.length / (width * channels));
  return Array.from({ length: channels }, (_, channel) => {
    const at = (index: number): number => (index * channels + channel) * width;
    return isMuLaw
      ? Uint8Array.from({ length }, (__, index) => data.readUInt8(at(index)))
      : Int16Array.from({ length }, (__, index) => data.readInt16LE(at(index)));
  });
}

/**
 * **The audio of a WAV file**: 8000 samples a second, one or two channels (external first), 16-bit PCM or μ-law. The whole file is read
 * at the call. μ-law goes out as PCMU byte by byte as it is.
 *
 * @throws TypeError or RangeError where the file is another kind; the system's error where it can't be read
 */
export function wavSource(path: string): AudioSource {
  checkText('wavSource: path', path);
  const refuse = (why: string): never => {
    throw new RangeError(`wavSource: ${path} ${why}`);
  };
  const { format, data } = partsOf(readFileSync(path), refuse);
  const tag = format.readUInt16LE(0);
  const coding = tag === EXTENSIBLE && format.length >= 26 ? format.readUInt16LE(24) : tag;
  const channels = format.readUInt16LE(2);
  const rate = format.readUInt32LE(4);
  const bits = format.readUInt16LE(14);
  if (!((coding === PCM && bits === 16) || (coding === MU_LAW && bits === 8))) {
    refuse(`must be 16-bit PCM or 8-bit μ-law, is format ${coding} of ${bits} bits`);
  }
  if (rate !== SAMPLE_RATE) refuse(`must have ${SAMPLE_RATE} samples a second, has ${rate}`);
  if (channels !== 1 && channels !== 2) refuse(`must have 1 or 2 channels, has ${channels}`);
  if (data.length < channels * (bits / 8)) refuse('has no audio');
  return audioSource(split(data, channels, coding === MU_LAW), false);
}
