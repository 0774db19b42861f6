/** Samples a second, of each channel: AudioHook has no other rate. */
const RATE = 8_000;

/** So many samples as a time, in words: `12.3 s`. */
export function secondsOf(samples: number): string {
  return `${(samples / RATE).toFixed(1)} s`;
}
