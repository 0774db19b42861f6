import { SAMPLE_RATE } from './media-offer.ts';

/** Samples as a duration, such as `PT12.34S`. A sample is 0.000125 s, so JavaScript never writes it with an exponent. */
export const durationOf = (samples: number): string => `PT${samples / SAMPLE_RATE}S`;

/** Milliseconds as a duration, to the microsecond. */
export const durationOfMs = (milliseconds: number): string => `PT${(milliseconds / 1000).toFixed(6)}S`;

/** A duration as samples, to the nearest one; `undefined` for what is no duration. */
export function samplesOf(duration: unknown): number | undefined {
  if (typeof duration !== 'string' || !/^PT(?:\d*\.)?\d+S$/.test(duration)) return undefined;
  return Math.round(Number(duration.slice(2, -1)) * SAMPLE_RATE);
}
