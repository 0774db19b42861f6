import { asyncScheduler, type NextObserver, type SchedulerLike, type TimestampProvider } from 'rxjs';
import {
  callable,
  duration,
  knownOptions,
  optionError,
  positiveInteger,
  withMethod,
} from '../../../operators/options.ts';
import type { AudioHookNotice } from './audio-hook-notice.ts';
import { credentialLookup, type AudioHookCredential, type CredentialLookup } from './credentials.ts';
import type { Accept } from './session-settings.ts';

/** A server of `node:http` or `node:https`, by what is needed of it: browsers have no types of Node. */
export interface UpgradingServer {
  listen(...args: unknown[]): unknown;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  listenerCount(event: string): number;
}

/** Options of {@link audioHook}. Give either `server` or `port`. */
export interface AudioHookOptions {
  /** The server that the clients connect to: yours, with your certificate. Requests for other paths are left to it. */
  readonly server?: UpgradingServer;
  /** The port to listen on, without TLS: for tests, or behind a proxy that has the certificate. 0: a free one, which a notice tells. */
  readonly port?: number;
  /** The address to listen on. @defaultValue `'127.0.0.1'` */
  readonly host?: string;
  /** The path of the endpoint. @defaultValue `'/api/v1/audiohook/ws'` */
  readonly path?: string;
  /** Who is let in: a list of keys, or a function that looks them up. */
  readonly credentials: readonly AudioHookCredential[] | CredentialLookup;
  /**
   * Decides on each `open`: what of the offered media is taken, or `false` for `unauthorized`. The client waits five seconds.
   * @defaultValue the first of those that were offered
   */
  readonly accept?: Accept;
  /** The languages that are understood, told where the client asks. @defaultValue none */
  readonly supportedLanguages?: readonly string[];
  /** Where it is told what was refused, opened, rejected and ended. @defaultValue nowhere */
  readonly notices?: NextObserver<AudioHookNotice>;
  /** How many sessions there may be at a time. More are answered with 503. @defaultValue 1,000 */
  readonly maxSessions?: number;
  /** How many of them may be of one organisation. @defaultValue as many as `maxSessions` */
  readonly maxSessionsPerOrganization?: number;
  /** How many messages a session may send a second, in the mean of four. @defaultValue 250 */
  readonly maxMessagesPerSecond?: number;
  /** For how long nothing at all may come, in milliseconds; the client pings every five seconds. @defaultValue 20,000 */
  readonly idleTimeout?: number;
  /** How long the client has to close after it was told to, and its socket after that, in milliseconds. @defaultValue 5,000 */
  readonly closeTimeout?: number;
  /** All times. @defaultValue `asyncScheduler`, and `performance` for durations */
  readonly scheduler?: SchedulerLike;
}

const OPTIONS: readonly (keyof AudioHookOptions)[] = [
  'server',
  'port',
  'host',
  'path',
  'credentials',
  'accept',
  'supportedLanguages',
  'notices',
  'maxSessions',
  'maxSessionsPerOrganization',
  'maxMessagesPerSecond',
  'idleTimeout',
  'closeTimeout',
  'scheduler',
];

/** **The options with their defaults, checked.** @throws TypeError or RangeError, where an option is not allowed */
export function checkAudioHookOptions(options: AudioHookOptions) {
  knownOptions('audioHook', options, OPTIONS);
  const { server, port, host, supportedLanguages = [], scheduler } = options;
  if ((server === undefined) === (port === undefined)) throw new TypeError('audioHook: give either server or port');
  if (server !== undefined) {
    withMethod('audioHook: server', 'listen', server);
    if (host !== undefined) throw new TypeError('audioHook: host is for port, and server is given');
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw optionError('audioHook: port', 'an integer from 0 to 65535', port, typeof port !== 'number');
  }
  const path = options.path ?? '/api/v1/audiohook/ws';
  if (typeof path !== 'string' || !/^\/[^?#\s]*$/.test(path)) {
    throw optionError(
      'audioHook: path',
      'a path that starts with a slash, without a query',
      path,
      typeof path !== 'string',
    );
  }
  if (!Array.isArray(supportedLanguages) || !supportedLanguages.every((language) => typeof language === 'string')) {
    throw optionError('audioHook: supportedLanguages', 'an array of language codes', supportedLanguages, true);
  }
  if (host !== undefined && typeof host !== 'string') {
    throw optionError('audioHook: host', 'a name or an address', host, true);
  }
  if (options.notices !== undefined) withMethod('audioHook: notices', 'next', options.notices);
  if (options.accept !== undefined) callable('audioHook: accept', options.accept);
  if (scheduler !== undefined) withMethod('audioHook: scheduler', 'schedule', scheduler);
  const maxSessions = positiveInteger('audioHook: maxSessions', options.maxSessions ?? 1_000);
  const firstOffered: Accept = ({ offered }) => ({ media: offered[0] });
  const clock: TimestampProvider = scheduler ?? performance;
  return {
    server,
    port,
    host: host ?? '127.0.0.1',
    path,
    lookup: credentialLookup(options.credentials),
    accept: options.accept ?? firstOffered,
    supportedLanguages: [...supportedLanguages],
    notices: options.notices,
    maxSessions,
    maxSessionsPerOrganization: positiveInteger(
      'audioHook: maxSessionsPerOrganization',
      options.maxSessionsPerOrganization ?? maxSessions,
    ),
    maxMessagesPerSecond: positiveInteger('audioHook: maxMessagesPerSecond', options.maxMessagesPerSecond ?? 250),
    idleTimeout: duration('audioHook: idleTimeout', options.idleTimeout ?? 20_000),
    closeTimeout: duration('audioHook: closeTimeout', options.closeTimeout ?? 5_000),
    scheduler: scheduler ?? asyncScheduler,
    clock,
  };
}
