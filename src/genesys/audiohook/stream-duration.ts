import { SAMPLE_RATE } from './media.ts';

/** A duration as AudioHook writes it: ISO 8601, in seconds only, such as `PT12.34S`. */
export type StreamDuration = `PT${number}S`;

/** The form of a {@link StreamDuration}. */
export const STREAM_DURATION = /^PT(?:\d{0,15}\.)?\d{1,15}S$/;

/** A duration in samples, to the nearest one. */
export function samplesOf(duration: string, rate: number = SAMPLE_RATE): number {
  return Math.round(Number(duration.slice(2, -1)) * rate);
}

/** **Samples as a duration**, as AudioHook writes positions and lengths: 12,000 are `PT1.5S`. @param rate - samples a second */
export function streamDuration(samples: number, rate: number = SAMPLE_RATE): StreamDuration {
  return seconds(samples / rate);
}

/** Seconds as a duration, to the nanosecond. Never with an exponent, as JavaScript writes small numbers. */
export function seconds(value: number): StreamDuration {
  const text = value.toFixed(9).replace(/\.?0+$/, '');
  return `PT${text}S` as StreamDuration;
}

/** A duration in milliseconds. */
export function millisecondsOf(duration: string): number {
  return Number(duration.slice(2, -1)) * 1000;
}
