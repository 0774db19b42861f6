import {
  LONGEST_DELAY,
  checkCount,
  checkMembers,
  checkNumber,
  checkPositive,
  checkText,
  checkWord,
} from '../checks.ts';
import { SAMPLE_RATE } from './media-offer.ts';

/** Where in a call something happens. */
export interface AudioHookScriptPlace {
  /**
   * After so many milliseconds of the call's audio, those before a reconnection and those that were not sent included: before the first frame
   * that begins there or later, or at the end.
   */
  readonly at: number;
  /** The ordinal of the call, from 0. @defaultValue every call */
  readonly session?: number;
}

/** The client's own pause: `paused`, no audio for so many milliseconds of audio, `resumed`. */
export interface ScriptedPause extends AudioHookScriptPlace {
  readonly do: 'pause';
  readonly for: number;
}

/** So many milliseconds of audio are not sent; `discarded` says so. */
export interface ScriptedDiscard extends AudioHookScriptPlace {
  readonly do: 'discard';
  readonly for: number;
}

/** `update` with a language. */
export interface ScriptedUpdate extends AudioHookScriptPlace {
  readonly do: 'update';
  readonly language: string;
}

/** The session is closed with `reconnect`, and another of the same conversation goes on with the rest of the audio. */
export interface ScriptedReconnection extends AudioHookScriptPlace {
  readonly do: 'reconnect';
}

/** The session is closed. */
export interface ScriptedSessionClose extends AudioHookScriptPlace {
  readonly do: 'close';
  readonly reason: 'end' | 'error' | 'disconnect' | 'reconnect';
}

/** A message is sent; `version`, `id`, `seq`, `serverseq`, `position` and `parameters` are filled in where it has none. */
export interface ScriptedMessage extends AudioHookScriptPlace {
  readonly do: 'send';
  readonly message: { readonly type: string; readonly [member: string]: unknown };
}

/** A `ping` out of turn. */
export interface ScriptedPing extends AudioHookScriptPlace {
  readonly do: 'ping';
}

/**
 * Something that Genesys Cloud would not do. None of the audio of a fault counts as sent.
 * - `cut`: the socket is destroyed
 * - `reorder`: two pings whose numbers are swapped
 * - `oversize`: a ping of more than 64 KiB
 * - `wrong-seq`, `wrong-serverseq`, `wrong-id`, `wrong-version`: a ping with that member wrong
 * - `odd-audio`: a byte more than whole samples; of PCMU with one channel there is no such length, so it is just a byte more
 * - `audio-while-paused`: `paused`, a frame of audio, `resumed`
 * - `audio-before-opened`: a frame of audio right after `open`; `at` 0
 * - `malformed-json`, `invalid-utf8`: text that is no JSON, or no UTF-8
 * - `unknown-type`, `bad-parameters`: a message of a type that there is not, or whose parameters are not those of its type
 * - `ignore-pause`: from then on `pause` and `resume` have no effect and no answer
 * - `no-open`: `open` is never sent; `at` 0
 * - `no-close`: from then on the session is never closed, whatever the server sends
 */
export interface ScriptedFault extends AudioHookScriptPlace {
  readonly fault: (typeof PLAIN_FAULTS)[number];
}

/**
 * Nothing goes out any more, and with `half-open` nothing is read either, while the socket stays as it is. After `for` milliseconds
 * of the clock everything goes out that was held back. Without `for` the session gives up 10 s after its audio would have ended.
 */
export interface ScriptedStandstill extends AudioHookScriptPlace {
  readonly fault: 'stall' | 'half-open';
  readonly for?: number;
}

/** A binary message of so many bytes of silence. */
export interface ScriptedOversizeAudio extends AudioHookScriptPlace {
  readonly fault: 'oversize-audio';
  readonly bytes: number;
}

/** So many pings at once. */
export interface ScriptedFlood extends AudioHookScriptPlace {
  readonly fault: 'flood';
  readonly messages: number;
}

/** One line of a script. Plain JSON. */
export type AudioHookScriptEntry =
  | ScriptedPause
  | ScriptedDiscard
  | ScriptedUpdate
  | ScriptedReconnection
  | ScriptedSessionClose
  | ScriptedMessage
  | ScriptedPing
  | ScriptedFault
  | ScriptedStandstill
  | ScriptedOversizeAudio
  | ScriptedFlood;

const PLAIN_FAULTS = [
  'cut',
  'reorder',
  'oversize',
  'wrong-seq',
  'wrong-serverseq',
  'wrong-id',
  'wrong-version',
  'odd-audio',
  'audio-while-paused',
  'audio-before-opened',
  'malformed-json',
  'invalid-utf8',
  'unknown-type',
  'bad-parameters',
  'ignore-pause',
  'no-open',
  'no-close',
] as const;

const PLACE = ['at', 'session'] as const;

/** The members of each action and fault, besides those that say where. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  pause: ['for'],
  discard: ['for'],
  update: ['language'],
  reconnect: [],
  close: ['reason'],
  send: ['message'],
  ping: [],
};
const FAULTS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(PLAIN_FAULTS.map((fault) => [fault, []])),
  stall: ['for'],
  'half-open': ['for'],
  'oversize-audio': ['bytes'],
  flood: ['messages'],
};

const MILLISECONDS = `a number of milliseconds above 0 and at most ${LONGEST_DELAY}`;

/** Throws where an entry could not be carried out. */
export function checkAudioHookEntry(where: string, entry: AudioHookScriptEntry): void {
  const all = [...Object.values(ACTIONS), ...Object.values(FAULTS)].flat();
  checkMembers(where, entry, [...PLACE, 'do', 'fault', ...new Set(all)]);
  if ('do' in entry === 'fault' in entry) throw new TypeError(`${where} must have either do or fault`);
  const [kind, name, table] =
    'do' in entry ? (['do', entry.do, ACTIONS] as const) : (['fault', entry.fault, FAULTS] as const);
  checkWord(`${where}.${kind}`, name, Object.keys(table));
  checkMembers(where, entry, [...PLACE, kind, ...(table[name] ?? [])]);
  checkNumber(`${where}.at`, 'a number of milliseconds from 0', entry.at, 0, Number.MAX_SAFE_INTEGER);
  if (entry.session !== undefined) checkCount(`${where}.session`, entry.session);
  if ('do' in entry) checkAction(where, entry);
  else checkFault(where, entry);
}

function checkAction(where: string, entry: Extract<AudioHookScriptEntry, { do: string }>): void {
  if (entry.do === 'pause' || entry.do === 'discard') {
    checkPositive(`${where}.for`, MILLISECONDS, entry.for, LONGEST_DELAY);
  } else if (entry.do === 'update') checkText(`${where}.language`, entry.language);
  else if (entry.do === 'close')
    checkWord(`${where}.reason`, entry.reason, ['end', 'error', 'disconnect', 'reconnect']);
  else if (entry.do === 'send') {
    const message: unknown = entry.message;
    if (typeof message !== 'object' || message === null) throw new TypeError(`${where}.message must be an object`);
    checkText(`${where}.message.type`, entry.message.type);
  }
}

function checkFault(where: string, entry: Extract<AudioHookScriptEntry, { fault: string }>): void {
  if (entry.fault === 'stall' || entry.fault === 'half-open') {
    if (entry.for !== undefined) checkPositive(`${where}.for`, MILLISECONDS, entry.for, LONGEST_DELAY);
  } else if (entry.fault === 'oversize-audio') checkSize(`${where}.bytes`, entry.bytes);
  else if (entry.fault === 'flood') checkSize(`${where}.messages`, entry.messages);
  else if ((entry.fault === 'no-open' || entry.fault === 'audio-before-opened') && entry.at !== 0) {
    throw new RangeError(`${where}.at must be 0 for ${entry.fault}, got ${entry.at}`);
  }
}

const checkSize = (where: string, value: unknown): number =>
  checkNumber(where, 'an integer from 1 to 1073741824', value, 1, 2 ** 30, true);

/** What a script still holds for one call. */
export interface CallScript {
  /** Takes the next entry that is due at a position, in samples. */
  take(position: number): AudioHookScriptEntry | undefined;
  /** Takes a fault that comes before `opened`; whether there was one. */
  takeFault(fault: 'no-open' | 'audio-before-opened'): boolean;
}

/** The part of a script that concerns one call, in the order of time; entries of the same time in the order listed. */
export function callScript(script: readonly AudioHookScriptEntry[], call: number): CallScript {
  const entries = script
    .filter(({ session }) => session === undefined || session === call)
    .sort((one, other) => one.at - other.at);
  return {
    take: (position) => {
      const next = entries[0];
      return next && next.at * SAMPLE_RATE <= position * 1000 ? entries.shift() : undefined;
    },
    takeFault: (fault) => {
      const index = entries.findIndex((entry) => 'fault' in entry && entry.fault === fault);
      return index >= 0 && entries.splice(index, 1).length > 0;
    },
  };
}
