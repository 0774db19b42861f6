import { asyncScheduler, type SchedulerLike } from 'rxjs';
import {
  LONGEST_DELAY,
  checkCallback,
  checkFlag,
  checkList,
  checkMembers,
  checkNumber,
  checkPositive,
  checkText,
  checkWord,
} from '../checks.ts';
import { checkAudioHookEntry, type AudioHookScriptEntry } from './audio-hook-script.ts';
import type { AudioSource } from './audio-source.ts';
import { SAMPLE_RATE, checkMediaOffer, wholeOffer, type MediaOffer } from './media-offer.ts';
import { toneSource } from './tone-source.ts';
import { HANDSHAKE_FAULTS, SIGNATURE_FAULTS, type HandshakeFault } from './upgrade-headers.ts';

/** An audio message as it was handed to the socket. */
export interface SentAudio {
  /** The ordinal of the call, from 0. */
  readonly session: number;
  readonly sessionId: string;
  /** Where its first sample is in the session's audio, in samples of one channel. */
  readonly position: number;
  /** Its bytes. Shared by all sessions: do not write to them. */
  readonly data: Uint8Array;
}

/** A text message that was handed to the socket, or came from it. */
export interface ExchangedMessage {
  /** The ordinal of the call, from 0. */
  readonly session: number;
  readonly direction: 'sent' | 'received';
  /** Parsed. What is no JSON is told only where it was sent: as text. */
  readonly message: unknown;
}

/** Options of `callAudioHook`. */
export interface AudioHookCallOptions {
  /** The address of the server: `ws:` or `wss:`, without a fragment. */
  readonly url: string;
  /** Sent as `X-API-KEY`. */
  readonly apiKey: string;
  /** What requests are signed with, in base64. @defaultValue they are not signed */
  readonly clientSecret?: string;
  /** A UUID. @defaultValue one made up */
  readonly organizationId?: string;
  /** How many calls there are, each with a session of its own. @defaultValue 1 */
  readonly sessions?: number;
  /** The time over which they start, evenly, in milliseconds. @defaultValue 0 */
  readonly startOver?: number;
  /**
   * 1 for real time, 4 for four times as fast, `Infinity` for as fast as the socket takes it. At `Infinity` time stands still while the server
   * has a session paused, for 10 s at least and 15 s at most; otherwise it goes on, and the audio is discarded. Timeouts and pings go by the clock at any pace.
   * @defaultValue 1
   */
  readonly pace?: number;
  /** How much audio a call has, in milliseconds. @defaultValue what the source has, or 10,000 where that has no end */
  readonly duration?: number;
  /** How much a message has, in milliseconds: an integer from 1 to 1000. @defaultValue 200 */
  readonly frameDuration?: number;
  /** What is said. @defaultValue `toneSource()` */
  readonly source?: AudioSource;
  /** What is offered, the preferred first. @defaultValue PCMU: both channels, then external, then internal */
  readonly media?: readonly MediaOffer[];
  /** The language in `open`, such as `en-US`. @defaultValue none */
  readonly language?: string;
  /** Whether `open` asks which languages are supported. @defaultValue it has no such member */
  readonly supportedLanguages?: boolean;
  /** `customConfig` in `open`: at most 60 KiB of JSON, `media` and `language` included. @defaultValue none */
  readonly customConfig?: object;
  /** Whether sessions are connection probes: the conversation and the participant are null UUIDs, and the session is closed once open. @defaultValue false */
  readonly probe?: boolean;
  /** What happens, and what goes wrong. @defaultValue nothing */
  readonly script?: readonly AudioHookScriptEntry[];
  /** What is wrong with the upgrade requests. @defaultValue nothing */
  readonly handshake?: HandshakeFault;
  /** What ids are made from, 0 to 2³² − 1: the same seed, the same ids. Nonces are never the same. @defaultValue other ids each time */
  readonly seed?: number;
  /** What times are taken from and timers are set on. @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
  /** Called for each audio message once it is handed to the socket. @defaultValue nothing is called */
  readonly onAudio?: (sent: SentAudio) => void;
  /** Called for each text message. @defaultValue nothing is called */
  readonly onMessage?: (exchanged: ExchangedMessage) => void;
}

/** The options with their defaults filled in. Lengths in samples of one channel. */
export interface ResolvedCallOptions extends Omit<
  AudioHookCallOptions,
  'url' | 'duration' | 'frameDuration' | 'scheduler' | 'media'
> {
  readonly url: URL;
  readonly sessions: number;
  readonly startOver: number;
  readonly pace: number;
  readonly totalSamples: number;
  readonly frameSamples: number;
  /** How long it takes from one frame to the next, in milliseconds; 0 at an infinite pace. */
  readonly framePeriod: number;
  readonly source: AudioSource;
  readonly media: readonly Required<MediaOffer>[];
  readonly probe: boolean;
  readonly script: readonly AudioHookScriptEntry[];
  readonly scheduler: SchedulerLike;
  /** In milliseconds, on a clock that does not go back. */
  readonly now: () => number;
}

const NAMES: readonly (keyof AudioHookCallOptions)[] = [
  'url',
  'apiKey',
  'clientSecret',
  'organizationId',
  'sessions',
  'startOver',
  'pace',
  'duration',
  'frameDuration',
  'source',
  'media',
  'language',
  'supportedLanguages',
  'customConfig',
  'probe',
  'script',
  'handshake',
  'seed',
  'scheduler',
  'onAudio',
  'onMessage',
];

const DEFAULT_MEDIA: readonly MediaOffer[] = [
  { format: 'PCMU', channels: ['external', 'internal'] },
  { format: 'PCMU', channels: ['external'] },
  { format: 'PCMU', channels: ['internal'] },
];

/** How much an endless source says, in milliseconds. */
const DEFAULT_DURATION = 10_000;

const SAMPLES_PER_MS = SAMPLE_RATE / 1000;

const MOST_SESSIONS = 1_000_000;

/** What `media`, `language` and `customConfig` may take of the 64 KiB that a message may have, in bytes. */
const MOST_PARAMETERS = 60 * 1024;

const at = (name: keyof AudioHookCallOptions): string => `callAudioHook: ${name}`;

function checkUrl(value: unknown): URL {
  const text = checkText(at('url'), value);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'ws:' && url?.protocol !== 'wss:') {
    throw new RangeError(`${at('url')} must be an address that begins with ws:// or wss://`);
  }
  if (url.hash !== '') throw new RangeError(`${at('url')} must have no fragment`);
  return url;
}

/** Never shows the value: it is a secret. */
function checkSecret(value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`${at('clientSecret')} must be a string`);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value) || value === '') {
    throw new RangeError(`${at('clientSecret')} must be base64`);
  }
}

function checkUuid(where: string, value: unknown): void {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(checkText(where, value))) {
    throw new RangeError(`${where} must be a UUID`);
  }
}

function checkSource(value: unknown): void {
  if (typeof (value as Partial<AudioSource> | null)?.track !== 'function') {
    throw new TypeError(`${at('source')} must be a source, such as toneSource()`);
  }
}

function checkCustomConfig(value: unknown): void {
  if (typeof value !== 'object') throw new TypeError(`${at('customConfig')} must be an object`);
  try {
    JSON.stringify(value);
  } catch (error) {
    throw new TypeError(`${at('customConfig')} must be an object that can be written as JSON`, { cause: error });
  }
}

/** **Fills in the defaults, and throws where an option is not usable**: TypeError for a wrong type, RangeError for a value. */
export function resolveCallOptions(options: AudioHookCallOptions): ResolvedCallOptions {
  checkMembers('callAudioHook: options', options, NAMES);
  const { sessions = 1, startOver = 0, pace = 1, frameDuration = 200, probe = false, source = toneSource() } = options;
  const { media = DEFAULT_MEDIA, script = [], scheduler = asyncScheduler } = options;

  const url = checkUrl(options.url);
  // The key is as good as a secret: it is not shown where it is wrong.
  if (typeof options.apiKey !== 'string') throw new TypeError(`${at('apiKey')} must be a string`);
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(options.apiKey)) {
    throw new RangeError(`${at('apiKey')} must be visible ASCII without quotation marks and backslashes`);
  }
  if (options.clientSecret !== undefined) checkSecret(options.clientSecret);
  if (options.organizationId !== undefined) checkUuid(at('organizationId'), options.organizationId);
  checkNumber(at('sessions'), `an integer from 1 to ${MOST_SESSIONS}`, sessions, 1, MOST_SESSIONS, true);
  checkNumber(at('startOver'), 'a number of milliseconds from 0', startOver, 0, LONGEST_DELAY);
  if (pace !== Infinity) checkNumber(at('pace'), 'a number from 0.001 to 1000, or Infinity', pace, 0.001, 1000);
  checkNumber(at('frameDuration'), 'an integer from 1 to 1000', frameDuration, 1, 1000, true);
  checkSource(source);
  const sourceDuration = source.samples === Infinity ? DEFAULT_DURATION : source.samples / SAMPLES_PER_MS;
  const { duration = sourceDuration } = options;
  checkPositive(
    at('duration'),
    `a number of milliseconds above 0 and at most ${LONGEST_DELAY}`,
    duration,
    LONGEST_DELAY,
  );
  const offers = checkList(at('media'), media, checkMediaOffer).map(wholeOffer);
  if (offers.length === 0) throw new RangeError(`${at('media')} must have at least one entry`);
  if (options.language !== undefined) checkText(at('language'), options.language);
  if (options.supportedLanguages !== undefined) checkFlag(at('supportedLanguages'), options.supportedLanguages);
  if (options.customConfig !== undefined) checkCustomConfig(options.customConfig);
  const parameters = JSON.stringify({ media: offers, language: options.language, customConfig: options.customConfig });
  const size = Buffer.byteLength(parameters);
  if (size > MOST_PARAMETERS) {
    throw new RangeError(
      `callAudioHook: media, language and customConfig must have at most ${MOST_PARAMETERS} bytes of JSON together, got ${size}`,
    );
  }
  checkFlag(at('probe'), probe);
  if (options.handshake !== undefined) {
    checkWord(at('handshake'), options.handshake, HANDSHAKE_FAULTS);
    if (options.clientSecret === undefined && SIGNATURE_FAULTS.includes(options.handshake)) {
      throw new TypeError(`${at('handshake')} ${options.handshake} needs a clientSecret`);
    }
  }
  if (options.seed !== undefined) {
    checkNumber(at('seed'), 'an integer from 0 to 4294967295', options.seed, 0, 2 ** 32 - 1, true);
  }
  if (typeof (scheduler as Partial<SchedulerLike> | null)?.schedule !== 'function') {
    throw new TypeError(`${at('scheduler')} must be a scheduler of RxJS`);
  }
  checkCallback(at('onAudio'), options.onAudio);
  checkCallback(at('onMessage'), options.onMessage);

  return {
    ...options,
    url,
    sessions,
    startOver,
    pace,
    totalSamples: Math.min(source.samples, Math.max(1, Math.round(duration * SAMPLES_PER_MS))),
    frameSamples: frameDuration * SAMPLES_PER_MS,
    framePeriod: frameDuration / pace,
    source,
    media: offers,
    probe,
    script: checkList(at('script'), script, checkAudioHookEntry),
    scheduler,
    now: options.scheduler ? () => scheduler.now() : () => performance.now(),
  };
}
