import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LANGUAGE_CODE } from '../genesys/audiohook/language-code.ts';
import { readCredentials } from './audiohook/read-credentials.ts';
import type { ServerWishes } from './audiohook/run-server.ts';
import type { Command } from './command.ts';
import { parseFlags, portFlag, type FlagValues } from './arguments/flags.ts';
import { onStopSignal } from './stop-signal.ts';
import { terminalText } from './terminal/terminal-text.ts';
import { UsageError } from './arguments/usage-error.ts';

const HELP = `rxframe audiohook: a server for the live audio of Genesys Cloud (AudioHook)

Usage
  rxframe audiohook [flags]

Examples
  rxframe audiohook --port 8080                      takes sessions, and tells what comes
  rxframe audiohook --record calls                   with a WAV and an NDJSON file for each session
  rxframe audiohook --transcript-stub --supported-languages en-US,fr-CA
  rxframe audiohook --json | jq 'select(.event == "ended")'

It prints its address on stdout and runs until it is stopped by a signal. To try it, in two terminals, this in both:
  export AUDIOHOOK_API_KEY=trial AUDIOHOOK_CLIENT_SECRET=dHJpYWw=
  rxframe audiohook --port 8080 --record calls
  rxframe simulate-audiohook ws://127.0.0.1:8080/api/v1/audiohook/ws
Genesys Cloud connects by wss:// only: a proxy with a certificate has to stand in front, which passes the host and the
path on as they are, because both are signed.

Where
  --port PORT            without it: a free one
  --host ADDRESS         to listen on; without it: 127.0.0.1, which only this machine can reach
  --path PATH            of the endpoint; without it: /api/v1/audiohook/ws

Who is let in
                         the API key                                       AUDIOHOOK_API_KEY
                         the client secret, in base64                      AUDIOHOOK_CLIENT_SECRET
  --unsigned             without a client secret: the key is all that a client needs, and whoever has seen it can call
  --organization UUID    only this organization of Genesys Cloud; may be repeated; without it: any that has the key
  Each variable is taken from the environment, else the file .env in this folder. Others get 401, after half a second.

What to do
  --record DIR           write two files for each session: DIR/START-SESSION.wav and .ndjson (see below); DIR is made
                         where it is missing, nothing is overwritten
  --transcript-stub      send a transcript of each utterance: the times are true, the words are made up; takes both
                         channels where they are offered
  --supported-languages LIST
                         such as en-US,fr-CA: told to clients that ask; without it: none
  --json                 one line of JSON for each line of the log, on stdout
  --no-color             no colours; so does the environment variable NO_COLOR, where it is not empty
  -h, --help             this text

The WAV has the audio as it came: PCMU or 16-bit PCM, 8000 samples a second; of two channels the left is external. Where
audio was discarded, paused or lost, silence stands, for up to half an hour each, so that a time in the file is the time
in the stream. A session without audio has none. The NDJSON has a line for the start, each message received that is no
audio, each transcript sent, each rejected message, and the end with what there was: timestamp and type (start,
received, sent, rejected, end). The files can be read by their owner only. A failed write ends the recording, not the
session.

A line of the log, with --json, has event (listening, refused, more-refused, opened, ended, failed or stopping) and
timestamp. Of refused requests ten are told in 10 s; more-refused counts the others.

SIGINT (Ctrl-C), SIGTERM and SIGHUP stop it in order: nobody is let in, every client is asked to close, the files are
finished, the summary is printed. A client that has not closed after 2 s is cut off. A second signal ends it at once,
with exit code 130, 143 or 129; the WAV files can be read then, too.

Exit codes
  0  stopped
  1  failed: the port is taken, for instance, or a recording or stdout is not whole
  2  usage or configuration
`;

const FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  path: { type: 'string' },
  unsigned: { type: 'boolean' },
  organization: { type: 'string', multiple: true },
  record: { type: 'string' },
  'transcript-stub': { type: 'boolean' },
  'supported-languages': { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** The characters of a path in a URL (RFC 3986 section 3.3), and what comes after it, which is refused in words of its own. */
const REQUEST_PATH = /^[\w\-.~!$&'()*+,;=:@%/?#]*$/;

/** **The command `audiohook`**: runs a server for AudioHook until a signal. */
export const audiohook: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS, 'AUDIOHOOK_CLIENT_SECRET');
  const wishes = serverWishes(flags);
  const stopped = new Promise<void>((stop) => onStopSignal(stop));
  const { runServer } = await import('./audiohook/run-server.ts');
  return runServer(wishes, stopped);
}

function serverWishes(flags: FlagValues<typeof FLAGS>): ServerWishes {
  const wishes = {
    port: portFlag('--port', flags.port) ?? 0,
    host: flags.host,
    path: flags.path,
    organizations: flags.organization,
    supportedLanguages: languages(flags['supported-languages']),
    transcripts: flags['transcript-stub'] === true,
    record: flags.record,
    json: flags.json === true,
    credentials: readCredentials('audiohook', flags.unsigned === true, process.env),
  };
  if (wishes.host === '') throw new UsageError('--host must be an address of this machine, such as 0.0.0.0, got ""');
  if (wishes.path !== undefined && !REQUEST_PATH.test(wishes.path)) {
    throw new UsageError(
      `--path must be as it stands in an address: all but letters, digits and -._~!$&'()*+,;=:@/ as %XX, got ${JSON.stringify(wishes.path)}`,
    );
  }
  if (wishes.record !== undefined) checkDirectory(wishes.record);
  return wishes;
}

function languages(list: string | undefined): readonly string[] {
  const codes = list?.split(',') ?? [];
  const wrong = codes.find((code) => !LANGUAGE_CODE.test(code));
  if (wrong === undefined) return codes;
  throw new UsageError(
    `--supported-languages must be language codes with commas between, such as en-US,fr-CA, got ${JSON.stringify(wrong)} among them`,
  );
}

function checkDirectory(path: string): void {
  try {
    makeDirectory(path);
    if (!statSync(path).isDirectory()) throw new Error('it is no folder');
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UsageError(
      `--record: nothing can be written to ${JSON.stringify(path)}: ${terminalText((error as Error).message)}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Made for its owner only, where it is missing; so are those above it. Not by `recursive`, which tries without end where the system says that
 * a folder is missing and it is there: in /proc.
 */
function makeDirectory(path: string): void {
  if (!existsSync(path)) {
    makeDirectory(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}
