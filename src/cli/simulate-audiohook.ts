import { LONGEST_DELAY } from '../../operators/options.ts';
import { isSafeForSecrets } from '../connection/address.ts';
import { readCredentials } from './audiohook/read-credentials.ts';
import type { CallWishes } from './audiohook/run-calls.ts';
import type { Command } from './command.ts';
import { numberFlag, parseWords, type FlagValues } from './arguments/flags.ts';
import { onStopSignal } from './stop-signal.ts';
import { UsageError } from './arguments/usage-error.ts';

const HELP = `rxframe simulate-audiohook: plays Genesys Cloud that calls an AudioHook server

Usage
  rxframe simulate-audiohook URL [flags]

Examples
  rxframe simulate-audiohook ws://127.0.0.1:8080/api/v1/audiohook/ws
  rxframe simulate-audiohook URL --sessions 200 --start-over 10 --duration 60
  rxframe simulate-audiohook URL --pace 20           ten seconds of audio in half a second
  rxframe simulate-audiohook URL --wav call.wav --language en-US
  rxframe simulate-audiohook URL --probe             the connection probe that the platform makes
  rxframe simulate-audiohook URL --json | jq 'select(.type == "totals")'

URL starts with wss://, or on loopback with ws://. rxframe audiohook prints one.

As whom
                         the API key                                       AUDIOHOOK_API_KEY
                         the client secret, in base64                      AUDIOHOOK_CLIENT_SECRET
  --unsigned             without a client secret: requests are not signed
  --organization UUID    the organization of Genesys Cloud that calls; without it: one made up
  Each variable is taken from the environment, else the file .env in this folder.

What to say
  --sessions N           how many calls, 1 to 1000000; without it: 1
  --start-over SECONDS   the time over which they start, evenly; without it: 0
  --duration SECONDS     how much audio a call has; without it: what the WAV file has, or 10
  --pace N               from 0.001: 1 is real time, 20 twenty times as fast, Infinity as fast as the socket takes it;
                         without it: 1. rxframe audiohook takes 250 messages a second of a session
  --frame-duration MS    how much audio a message has, an integer from 1 to 1000; without it: 200
  --wav FILE             8000 samples a second, 16-bit PCM or μ-law, one or two channels (external first); without it:
                         sounds with the rhythm of speech, on both channels
  --language CODE        the language of the conversation, such as en-US; without it: not said
  --probe                connection probes: opened and closed, without audio
  --json                 one line of JSON for each session, with the SHA-256 of the audio that was sent, and one with
                         the totals, on stdout; in place of the table
  --no-color             no colours; so does the environment variable NO_COLOR, where it is not empty
  -h, --help             this text

In the table: how late audio left against its schedule (pacing error), and the time from ping to pong (round trip).

SIGINT (Ctrl-C), SIGTERM and SIGHUP close the sessions, and print what there was until then. A second signal ends it at
once, with exit code 130, 143 or 129.

Exit codes
  0  every session was closed in order
  1  one was refused, disconnected or cut off, or an answer was missing or against the protocol
  2  usage or configuration
`;

const FLAGS = {
  unsigned: { type: 'boolean' },
  organization: { type: 'string' },
  sessions: { type: 'string' },
  'start-over': { type: 'string' },
  duration: { type: 'string' },
  pace: { type: 'string' },
  'frame-duration': { type: 'string' },
  wav: { type: 'string' },
  language: { type: 'string' },
  probe: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** The longest time that timers take, in seconds. */
const LONGEST = Math.floor(LONGEST_DELAY / 1_000);
/** A host and a port, as people may give it in place of an address. */
const BARE_HOST = /^([a-z0-9.-]+:\d{1,5})\/?$/i;
const MOST_SESSIONS = 1_000_000;

/** **The command `simulate-audiohook`**: calls an AudioHook server, prints what came of it. */
export const simulateAudiohook: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const { flags, words } = parseWords(args, FLAGS, 'AUDIOHOOK_CLIENT_SECRET');
  const wishes = callWishes(addressOf(words), flags);
  const stopped = new Promise<void>((stop) => onStopSignal(stop));
  const { runCalls } = await import('./audiohook/run-calls.ts');
  return runCalls(wishes, stopped);
}

/** Shown without the parts in which secrets may stand. */
function addressOf([address, ...others]: readonly string[]): string {
  if (address === undefined || others.length > 0) throw new UsageError('takes one address, and flags');
  const allowed = 'the address must start with wss://, or on loopback with ws://';
  const [, host] = BARE_HOST.exec(address) ?? [];
  if (host !== undefined && URL.canParse(`ws://${host}`)) {
    const scheme = isSafeForSecrets(new URL(`ws://${host}`)) ? 'ws' : 'wss';
    throw new UsageError(`${allowed}; did you mean ${scheme}://${host}/api/v1/audiohook/ws?`);
  }
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined) throw new UsageError(`${allowed}, and is none`);
  if (url.protocol !== 'wss:' && !(url.protocol === 'ws:' && isSafeForSecrets(url))) {
    throw new UsageError(`${allowed}, got ${url.protocol}//${url.host}`);
  }
  return address;
}

function callWishes(url: string, flags: FlagValues<typeof FLAGS>): CallWishes {
  const within = (least: number, most: number) => (value: number) => value >= least && value <= most;
  const whole = (most: number) => (value: number) => Number.isInteger(value) && value >= 1 && value <= most;
  const number = (
    name: Exclude<keyof typeof FLAGS, BooleanFlag>,
    allowed: string,
    isAllowed: (value: number) => boolean,
  ) => numberFlag(`--${name}`, flags[name], allowed, isAllowed);
  const duration = number('duration', `a number of seconds from 0.001 to ${LONGEST}`, within(0.001, LONGEST));
  const startOver = number('start-over', `a number of seconds from 0 to ${LONGEST}`, within(0, LONGEST)) ?? 0;
  return {
    url,
    organizationId: flags.organization,
    sessions: number('sessions', `an integer from 1 to ${MOST_SESSIONS}`, whole(MOST_SESSIONS)) ?? 1,
    startOver: startOver * 1_000,
    duration: duration === undefined ? undefined : duration * 1_000,
    pace: number('pace', 'a number from 0.001, or Infinity', within(0.001, Infinity)) ?? 1,
    frameDuration: number('frame-duration', 'an integer from 1 to 1000', whole(1_000)),
    wav: flags.wav,
    language: flags.language,
    probe: flags.probe === true,
    json: flags.json === true,
    credentials: readCredentials('simulate-audiohook', flags.unsigned === true, process.env),
  };
}

type BooleanFlag = 'unsigned' | 'probe' | 'json';
