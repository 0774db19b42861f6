import type { CaptureRotation } from '../capture/capture-file.ts';
import type { Command } from './command.ts';
import { countFlag, parseWords, secondsFlag, type FlagValues } from './arguments/flags.ts';
import { SOURCE_FLAGS, SOURCE_HELP } from './arguments/source-flags.ts';
import { STREAM_END_HELP, STREAM_FLAGS, STREAM_HELP, streamWishes } from './arguments/stream-flags.ts';
import { streamFromGenesys } from './stream/stream-from-genesys.ts';
import { UsageError } from './arguments/usage-error.ts';

const HELP = `rxframe record: streams frames, as listen does, and records them to a file

Usage
  rxframe record FILE [flags]

Examples
  rxframe record calls.mcap --simulate --duration 10    ten seconds of a simulated Genesys Cloud
  rxframe record calls.mcap --env eu-central-1          of a real one, until Ctrl-C
  rxframe record calls.mcap --rotate-seconds 3600       a file for each hour: calls-20260131T120000.000Z.mcap
  rxframe record calls.mcap --notifications --topics-file topics.txt
  rxframe replay calls.mcap                             replay it

Recording
  --rotate-bytes N       go on in a new file when one has N bytes
  --rotate-seconds N     go on in a new file after N seconds
  The file has the format MCAP: the frames as received, when they came, and what became of them. It can be read by its
  owner only, never takes the place of a file that is there, and holds whatever personal data the frames have. With
  --rotate-bytes or --rotate-seconds each name has the time, in UTC, at which its file was begun.

${SOURCE_HELP}

${STREAM_HELP}

${STREAM_END_HELP}

Exit codes
  0  done: stopped, or --max-frames or --duration reached, or closed by the server, or nobody reads on
  1  failed, or the recording, stdout or the audit log is not whole
  2  usage or configuration
  3  authentication
  4  gave up reconnecting
`;

const FLAGS = {
  'rotate-bytes': { type: 'string' },
  'rotate-seconds': { type: 'string' },
  ...SOURCE_FLAGS,
  ...STREAM_FLAGS,
} as const;

/** **The command `record`**: streams as `listen` does, and records the frames. */
export const record: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const { flags, words } = parseWords(args, FLAGS);
  const [file, ...others] = words;
  if (file === undefined || file === '' || file.endsWith('/') || others.length > 0)
    throw new UsageError('takes one FILE to record to');
  const rotate = rotation(flags);
  const { companions, ...wishes } = streamWishes(flags);
  return streamFromGenesys('record FILE', flags, {
    ...wishes,
    companions: [
      ...companions,
      // The last one: where another one can't start, there is no file yet.
      async (parts) => (await import('./stream/capture-companion.ts')).captureCompanion(file, rotate, parts),
    ],
  });
}

function rotation(flags: FlagValues<typeof FLAGS>): CaptureRotation | undefined {
  const bytes = countFlag('--rotate-bytes', flags['rotate-bytes']);
  const seconds = secondsFlag('--rotate-seconds', flags['rotate-seconds']);
  if (bytes === undefined && seconds === undefined) return undefined;
  return { ...(bytes !== undefined && { bytes }), ...(seconds !== undefined && { seconds }) };
}
