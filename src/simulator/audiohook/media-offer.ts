import { checkList, checkMembers, checkWord } from '../checks.ts';

/** Samples a second, of each channel: the only rate that AudioHook has. */
export const SAMPLE_RATE = 8000;

/** An entry of `media` in `open`: audio as it is offered. */
export interface MediaOffer {
  /** @defaultValue 'audio' */
  readonly type?: 'audio';
  /** μ-law, or 16-bit linear with the low byte first. */
  readonly format: 'PCMU' | 'L16';
  /** In the order in which their samples are interleaved. */
  readonly channels: readonly ('external' | 'internal')[];
  /** @defaultValue 8000 */
  readonly rate?: 8000;
}

/** Throws where an offer could not be sent. */
export function checkMediaOffer(where: string, offer: MediaOffer): void {
  checkMembers(where, offer, ['type', 'format', 'channels', 'rate']);
  checkWord(`${where}.type`, offer.type ?? 'audio', ['audio']);
  checkWord(`${where}.format`, offer.format, ['PCMU', 'L16']);
  const channels = checkList(`${where}.channels`, offer.channels, (at, channel) =>
    checkWord(at, channel, ['external', 'internal']),
  );
  if (channels.length === 0 || new Set(channels).size < channels.length) {
    throw new RangeError(`${where}.channels must be external, internal, or both`);
  }
  if (offer.rate !== undefined && (offer.rate as number) !== SAMPLE_RATE) {
    throw new RangeError(`${where}.rate must be ${SAMPLE_RATE}`);
  }
}

/** An offer with nothing left out, as it goes over the wire. */
export const wholeOffer = ({ format, channels }: MediaOffer): Required<MediaOffer> => ({
  type: 'audio',
  format,
  channels,
  rate: SAMPLE_RATE,
});

/** The bytes of one sample of all channels. */
export const sampleBytes = ({ format, channels }: MediaOffer): number => (format === 'PCMU' ? 1 : 2) * channels.length;

/** The offer that a server's choice is the same as, where there is one. */
export function offerChosen(offers: readonly MediaOffer[], choice: unknown): MediaOffer | undefined {
  if (typeof choice !== 'object' || choice === null) return undefined;
  const { type, format, channels, rate } = choice as Readonly<Record<string, unknown>>;
  return offers.find(
    (offer) =>
      type === 'audio' &&
      rate === SAMPLE_RATE &&
      format === offer.format &&
      Array.isArray(channels) &&
      channels.length === offer.channels.length &&
      offer.channels.every((channel, index) => channel === channels[index]),
  );
}
