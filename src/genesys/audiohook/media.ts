/** Who is heard on a channel: the customer, or the agent. */
export type MediaChannel = 'external' | 'internal';

/** How samples are encoded: μ-law (RFC 3551 section 4.5.14), or 16-bit linear with the low byte first. */
export type MediaFormat = 'PCMU' | 'L16';

/** What audio looks like: an entry of `media` in `open` and `opened`. */
export interface MediaParameter {
  readonly type: 'audio';
  readonly format: MediaFormat;
  /** Which channels, in the order in which their samples are interleaved. */
  readonly channels: readonly MediaChannel[];
  /** Samples a second, of each channel. */
  readonly rate: 8000;
}

/** Samples a second, of each channel: the only rate that AudioHook has. Positions are counted in it, too, also of a stream without audio. */
export const SAMPLE_RATE = 8000;

/** How many bytes one sample of one channel has. */
export const SAMPLE_BYTES: Readonly<Record<MediaFormat, number>> = { PCMU: 1, L16: 2 };

/** Whether two descriptions of audio are the same. There is only one rate. */
export function sameMedia(one: MediaParameter, other: MediaParameter): boolean {
  return (
    one.format === other.format &&
    one.channels.length === other.channels.length &&
    one.channels.every((channel, index) => channel === other.channels[index])
  );
}
