import { checkMembers, checkNumber } from '../checks.ts';
import { integerBetween, mixSeeds, mulberry32, type Random } from '../random.ts';
import { audioSource, type AudioSource } from './audio-source.ts';
import { SAMPLE_RATE } from './media-offer.ts';

/** Options of {@link speechLikeSource}. */
export interface SpeechLikeSourceOptions {
  /** What it is made from, 0 to 2³² − 1: the same seed, the same bytes. @defaultValue 1 */
  readonly seed?: number;
}

/** How long it lasts before it starts again, in samples. */
const LENGTH = 30 * SAMPLE_RATE;

const between = (random: Random, leastMs: number, mostMs: number): number =>
  (integerBetween(random, leastMs, mostMs) * SAMPLE_RATE) / 1000;

/** One person's turn: a buzz of three harmonics and breath, in syllables. Speaks until `end`. */
function speak(random: Random, samples: Int16Array, start: number, end: number, pitch: number): void {
  for (let syllable = start; syllable < end;) {
    const length = between(random, 120, 280);
    const bend = pitch * (0.9 + 0.2 * random());
    for (let index = 0; index < length && syllable + index < end; index += 1) {
      const phase = (2 * Math.PI * bend * index) / SAMPLE_RATE;
      const voice = Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.3 * Math.sin(3 * phase) + 0.2 * (random() - 0.5);
      samples[syllable + index] = Math.round(7000 * voice * Math.sin((Math.PI * index) / length));
    }
    syllable += length;
  }
}

/**
 * **Two people who take turns**, in sounds with the rhythm of speech and silence between: for what detects voices, and
 * for tests in which no two frames may be alike. No words. Starts again after 30 s.
 */
export function speechLikeSource(options: SpeechLikeSourceOptions = {}): AudioSource {
  checkMembers('speechLikeSource: options', options, ['seed']);
  const { seed = 1 } = options;
  checkNumber('speechLikeSource: seed', 'an integer from 0 to 4294967295', seed, 0, 2 ** 32 - 1, true);
  const random = mulberry32(mixSeeds(seed));
  const people = [new Int16Array(LENGTH), new Int16Array(LENGTH)] as const;
  const pitches = [integerBetween(random, 160, 230), integerBetween(random, 90, 140)] as const;
  let person: 0 | 1 = 1;
  for (let position = between(random, 200, 800); position < LENGTH;) {
    const end = Math.min(LENGTH, position + between(random, 1000, 4000));
    speak(random, people[person], position, end, pitches[person]);
    position = end + between(random, 200, 1200);
    person = person === 0 ? 1 : 0;
  }
  return audioSource(people, true);
}
