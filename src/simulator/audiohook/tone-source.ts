import { checkMembers, checkNumber } from '../checks.ts';
import { audioSource, type AudioSource } from './audio-source.ts';
import { SAMPLE_RATE } from './media-offer.ts';

/** Options of {@link toneSource}. */
export interface ToneSourceOptions {
  /** The pitch in hertz, an integer from 1 to 3999. @defaultValue 1000 */
  readonly frequency?: number;
  /** The pitch of the internal channel. @defaultValue that of the external one, `frequency` */
  readonly internalFrequency?: number;
}

/** A little below full scale. */
const AMPLITUDE = 26_000;

/** **A steady tone, without end.** A second of whole hertz begins where it ended, so one second is all that is kept. */
export function toneSource(options: ToneSourceOptions = {}): AudioSource {
  checkMembers('toneSource: options', options, ['frequency', 'internalFrequency']);
  const { frequency = 1000, internalFrequency = frequency } = options;
  const tone = (name: string, hertz: number): Int16Array => {
    checkNumber(`toneSource: ${name}`, 'an integer from 1 to 3999', hertz, 1, SAMPLE_RATE / 2 - 1, true);
    return Int16Array.from({ length: SAMPLE_RATE }, (_, index) =>
      Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hertz * index) / SAMPLE_RATE)),
    );
  };
  return audioSource([tone('frequency', frequency), tone('internalFrequency', internalFrequency)], true);
}
