import { exitCode } from './exit-code.ts';
import { parseFlags } from './flags.ts';
import { SOURCE_FLAGS, SOURCE_HELP } from './source-flags.ts';
import { STREAM_END_HELP, STREAM_FLAGS, STREAM_HELP, streamWishes } from './stream-flags.ts';
import { streamFromGenesys } from './stream-from-genesys.ts';

const HELP = `rxframe listen: streams frames to the terminal

Usage
  rxframe listen [flags]

Examples
  rxframe listen --simulate                          see it work, without Genesys Cloud
  rxframe listen --env eu-central-1                  a real one; credentials from the environment or .env
  rxframe listen --simulate --json --max-frames 5    five outcomes, as lines of JSON
  rxframe listen --json --data | jq .data.id         the payloads too
  rxframe listen --notifications --simulate          notification channels, simulated too
  rxframe listen --notifications --topic v2.users.ID.presence --topic v2.users.ID.routingStatus
  rxframe listen --notifications --topics-file topics.txt --json | jq .payloadType
  rxframe listen --audit-file audit.ndjson --duration 3600

${SOURCE_HELP}

${STREAM_HELP}

With --notifications, topics that the platform refuses, handovers to the next connection, and gaps, in which events may be
missing, are told on stderr, one line each; with --json as JSON with notice (refused, handover or gap) and timestamp. The
summary counts connections, handovers and gaps.

${STREAM_END_HELP}

Exit codes
  0  done: stopped, or --max-frames or --duration reached, or closed by the server, or nobody reads on
  1  failed, or stdout or the audit log is not whole
  2  usage or configuration
  3  authentication
  4  gave up reconnecting
`;

const FLAGS = { ...SOURCE_FLAGS, ...STREAM_FLAGS, help: { type: 'boolean', short: 'h' } } as const;

/**
 * **The command `listen`**: streams until it is stopped, and gives the exit code.
 *
 * @throws UsageError where the flags or the configuration are not usable; the error that ended the stream
 */
export async function listen(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS);
  if (flags.help === true) {
    process.stdout.write(HELP);
    return exitCode.done;
  }
  return streamFromGenesys(flags, streamWishes(flags));
}
