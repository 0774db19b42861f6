import { checkFiles } from './arguments/check-files.ts';
import type { Command } from './command.ts';
import { numberFlag, parseWords, timeFlag } from './arguments/flags.ts';
import { onStopSignal } from './stop-signal.ts';
import { STREAM_END_HELP, STREAM_FLAGS, STREAM_HELP, streamWishes } from './arguments/stream-flags.ts';
import { UsageError } from './arguments/usage-error.ts';

const HELP = `rxframe replay: replays what was recorded, through the stages of listen

Usage
  rxframe replay FILE... [flags]

Examples
  rxframe replay calls.mcap                          as fast as it was recorded
  rxframe replay calls.mcap --pace 10                ten times as fast
  rxframe replay calls-*.mcap --pace max --json      files of a rotated recording, as fast as they can be read
  rxframe replay calls.mcap --from 2026-01-31T12:00Z --to 2026-01-31T12:05Z
  rxframe replay app.example.org.har --pace max      the WebSocket messages of a browser's network panel

Replay
  --pace N               times as fast as it was recorded, above 0; or max; without it: 1
  --from TIME            only frames that came then or later, such as 2026-01-31T12:00Z
  --to TIME              only frames that came then or before
  --notifications        the frames are those of notification channels
  FILE is a capture, by record or captureFile(), or a HAR file, as browsers export it: the messages that were received.
  Several are replayed one after the other, in the order given. A TIME is in ISO 8601, local where it ends in no Z or
  offset.

${STREAM_HELP}

${STREAM_END_HELP}

Exit codes
  0  done: replayed, stopped, or --max-frames or --duration reached, or nobody reads on
  1  failed: a file is damaged or can't be read; or stdout or the audit log is not whole
  2  usage
`;

const FLAGS = {
  pace: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  notifications: { type: 'boolean' },
  ...STREAM_FLAGS,
} as const;

/** **The command `replay`**: replays captures and HAR files through the standard pipeline. */
export const replay: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const { flags, words } = parseWords(args, FLAGS);
  if (words.length === 0 || words.includes('')) throw new UsageError('needs a FILE to replay');
  const from = timeFlag('--from', flags.from);
  const to = timeFlag('--to', flags.to);
  const options = {
    pace: paceFlag(flags.pace),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
  if (from !== undefined && to !== undefined && from > to) {
    throw new UsageError('--from must not be after --to');
  }
  const wishes = streamWishes(flags);
  await checkFiles(words);
  const stopped = new Promise<void>((stop) => onStopSignal(stop));
  // Imported only now: neither --help nor a wrong flag waits for the library to load.
  const { replaySource } = await import('./stream/replay-source.ts');
  const { streamOutcomes } = await import('./stream/stream-outcomes.ts');
  return streamOutcomes(replaySource(words, options, flags.notifications === true), wishes, stopped);
}

function paceFlag(text: string | undefined): number {
  if (text === 'max') return Infinity;
  return numberFlag('--pace', text, 'a number above 0, or max', (value) => value > 0 && value < Infinity) ?? 1;
}
