import {
  LONGEST_DELAY,
  checkCallback,
  checkFlag,
  checkHeaderText,
  checkList,
  checkMembers,
  checkNumber,
  checkPositive,
  checkText,
} from './checks.ts';
import {
  resolveNotifications,
  type NotificationOptions,
  type ResolvedNotificationOptions,
} from './notifications/notification-options.ts';
import { checkScriptEntry, type ScriptEntry } from './script.ts';
import type { ExpectedOutcome } from './simulated-frame.ts';
import { checkTokenResponse, type TokenResponse } from './token-endpoint.ts';
import { checkUpgradeResponse, type UpgradeResponse } from './upgrade-response.ts';

/** A frame that was handed to a socket. */
export interface SentFrame {
  /** The ordinal of the connection, from 0. */
  readonly connection: number;
  /** The frame's place on that connection, from 0 without a hole. */
  readonly index: number;
  /** The payload's type: `interaction.update`, `telephony.media`, `keepalive`, or `conversation.unknown`. */
  readonly payloadType: string;
  /** Its size in bytes. */
  readonly byteLength: number;
  /** True for a binary message, false for a text message. */
  readonly isBinary: boolean;
  /** What a correct client makes of it. */
  readonly expected: ExpectedOutcome;
  /** Its bytes. Shared with other sendings of the frame: do not write to them. */
  readonly data: Buffer;
}

/** A message that a client sent. */
export interface ReceivedMessage {
  /** The ordinal of the connection, from 0. */
  readonly connection: number;
  /** True for a binary message, false for a text message. */
  readonly isBinary: boolean;
  /** Its bytes. */
  readonly data: Buffer;
}

/** The largest message taken from a client, in bytes. */
export const LARGEST_MESSAGE = 1024 * 1024;

/** Options of `startSimulator`. */
export interface SimulatorOptions {
  /** The TCP port on 127.0.0.1; 0 for a free one. @defaultValue 0 */
  readonly port?: number;
  /** What the frames are made from, 0 to 2³² − 1: the same seed, the same bytes. @defaultValue 1 */
  readonly seed?: number;
  /**
   * Frames a second on each connection. `Infinity` sends as fast as the client takes them. A client that is too slow
   * for the rate is waited for (at 1 MiB of unsent data), and made up to by at most one second's worth of frames.
   * @defaultValue 1000
   */
  readonly rate?: number;
  /** How many frames a connection sends before it is closed with 1000. @defaultValue Infinity */
  readonly frames?: number;
  /** The share of faulty frames among them, 0 to 1, of all faults alike; the seed says where. @defaultValue 0 */
  readonly badRate?: number;
  /**
   * The smallest and the largest `interaction.update`, in bytes. Small ones are more frequent. One that cannot hold its
   * mandatory members (about 350 to 600 B) in its size is as large as they are. @defaultValue 300 and 4096
   */
  readonly payloadBytes?: { readonly min: number; readonly max: number };
  /**
   * How many different frames a connection has before the same bytes come again, ids included. They are kept in memory
   * (1.3 KB each), and made as they are first sent. `Infinity` makes each frame when it is sent, which is slower, and
   * never repeats one. @defaultValue 512
   */
  readonly poolSize?: number;
  /** The size of an `oversize` frame in bytes, at least 1024. @defaultValue 6 MiB */
  readonly oversizeBytes?: number;
  /** The client id that is accepted. @defaultValue 'simulator' */
  readonly clientId?: string;
  /** The client secret that is accepted. @defaultValue 'simulator-secret' */
  readonly clientSecret?: string;
  /**
   * The life of a token in seconds, fractions allowed. When it is over, the token is refused with 401, and connections
   * opened with it are closed with 1008. @defaultValue 86400
   */
  readonly tokenLifetime?: number;
  /** The scopes that a token answer names. @defaultValue those that were asked for */
  readonly grantedScopes?: readonly string[];
  /** What goes wrong, and when. @defaultValue nothing */
  readonly script?: readonly ScriptEntry[];
  /** The answers to the first attempts to upgrade at the streaming endpoint, in order. @defaultValue none: all normal */
  readonly upgrades?: readonly UpgradeResponse[];
  /** The answers to the first token requests, in order. @defaultValue none: all normal */
  readonly tokenResponses?: readonly TokenResponse[];
  /** Whether pings are answered. @defaultValue true */
  readonly answerPings?: boolean;
  /** The notification service. @defaultValue one in which nothing happens by itself */
  readonly notifications?: NotificationOptions;
  /** Called for each frame once it is handed to the socket. @defaultValue nothing is called */
  readonly onSent?: (record: SentFrame) => void;
  /** Called for each message from a client. @defaultValue nothing is called */
  readonly onReceived?: (message: ReceivedMessage) => void;
}

/** The options with their defaults filled in. */
export type ResolvedOptions = Required<Omit<SimulatorOptions, Unset | 'notifications'>> &
  Pick<SimulatorOptions, Unset> & { readonly notifications: ResolvedNotificationOptions };

type Unset = 'grantedScopes' | 'onSent' | 'onReceived';

const DEFAULTS: Required<Omit<SimulatorOptions, Unset>> = {
  port: 0,
  seed: 1,
  rate: 1000,
  frames: Infinity,
  badRate: 0,
  payloadBytes: { min: 300, max: 4096 },
  poolSize: 512,
  oversizeBytes: 6 * 1024 * 1024,
  clientId: 'simulator',
  clientSecret: 'simulator-secret',
  tokenLifetime: 86_400,
  script: [],
  upgrades: [],
  tokenResponses: [],
  answerPings: true,
  notifications: {},
};

const NAMES = [...Object.keys(DEFAULTS), 'grantedScopes', 'onSent', 'onReceived'];

/** **Fills in the defaults, and throws where an option is not usable**: TypeError for a wrong type, RangeError for a value. */
export function resolveOptions(caller: string, options: SimulatorOptions): ResolvedOptions {
  checkMembers(`${caller}: options`, options, NAMES);
  // What is set to undefined counts as left out.
  const set = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...DEFAULTS, ...(set as SimulatorOptions) };
  const at = (name: keyof SimulatorOptions): string => `${caller}: ${name}`;

  checkNumber(at('port'), 'an integer from 0 to 65535', resolved.port, 0, 65_535, true);
  checkNumber(at('seed'), 'an integer from 0 to 4294967295', resolved.seed, 0, 2 ** 32 - 1, true);
  checkPositive(at('rate'), 'a positive number', resolved.rate, Infinity);
  checkNumber(at('frames'), 'an integer from 0, or Infinity', resolved.frames, 0, Infinity, true);
  checkNumber(at('badRate'), 'a number from 0 to 1', resolved.badRate, 0, 1);
  checkMembers(at('payloadBytes'), resolved.payloadBytes, ['min', 'max']);
  const { min, max } = resolved.payloadBytes;
  checkNumber(`${at('payloadBytes')}.min`, 'an integer from 1', min, 1, Number.MAX_SAFE_INTEGER, true);
  checkNumber(`${at('payloadBytes')}.max`, `an integer from min (${min})`, max, min, Number.MAX_SAFE_INTEGER, true);
  checkNumber(at('poolSize'), 'a positive integer or Infinity', resolved.poolSize, 1, Infinity, true);
  checkNumber(at('oversizeBytes'), 'an integer from 1024', resolved.oversizeBytes, 1024, Number.MAX_SAFE_INTEGER, true);
  checkText(at('clientId'), resolved.clientId);
  checkText(at('clientSecret'), resolved.clientSecret);
  const longest = Math.floor(LONGEST_DELAY / 1000);
  const seconds = `a number of seconds above 0 and at most ${longest}`;
  checkPositive(at('tokenLifetime'), seconds, resolved.tokenLifetime, longest);
  checkFlag(at('answerPings'), resolved.answerPings);
  checkCallback(at('onSent'), resolved.onSent);
  checkCallback(at('onReceived'), resolved.onReceived);
  return {
    ...resolved,
    payloadBytes: { min, max },
    notifications: resolveNotifications(at('notifications'), resolved.notifications),
    script: checkList(at('script'), resolved.script, checkScriptEntry),
    upgrades: checkList(at('upgrades'), resolved.upgrades, checkUpgradeResponse),
    tokenResponses: checkList(at('tokenResponses'), resolved.tokenResponses, checkTokenResponse),
    ...(resolved.grantedScopes && {
      grantedScopes: checkList(at('grantedScopes'), resolved.grantedScopes, checkHeaderText),
    }),
  };
}
