import { SAMPLE_RATE } from '../../genesys/audiohook/media.ts';

/** So many samples as a time, in words: `12.3 s`. */
export function secondsOf(samples: number): string {
  return `${(samples / SAMPLE_RATE).toFixed(1)} s`;
}
