import type { Command } from './command.ts';
import { parseFlags } from './arguments/flags.ts';
import { SOURCE_FLAGS, SOURCE_HELP } from './arguments/source-flags.ts';
import { STREAM_END_HELP, STREAM_FLAGS, STREAM_HELP, streamWishes } from './arguments/stream-flags.ts';
import { streamFromGenesys } from './stream/stream-from-genesys.ts';

const HELP = `rxframe listen: streams frames to the terminal

Usage
  rxframe listen [flags]

Examples
  rxframe listen --simulate                          see it work, without Genesys Cloud
  rxframe listen --env eu-central-1                  a real one; credentials from the environment or .env
  rxframe listen --simulate --json --max-frames 5    five outcomes, as lines of JSON
  rxframe listen --json --data | jq .data.id         the payloads too
  rxframe listen --json --filter payloadType=interaction.update --filter 'byteLength>2000'
  rxframe listen --json --filter outcome=rejected --select frameId,reason,issues.0.message --quiet
  rxframe listen --notifications --simulate          notification channels, simulated too
  rxframe listen --notifications --topic v2.users.ID.presence --topic v2.users.ID.routingStatus
  rxframe listen --notifications --topics-file topics.txt --json | jq .payloadType
  rxframe listen --audit-file audit.ndjson --duration 3600

${SOURCE_HELP}

${STREAM_HELP}

With --notifications, topics that the platform refuses, handovers to the next connection, and gaps, in which events may
be missing, are told on stderr, one line each; with --json as JSON with notice (refused, handover or gap) and timestamp.
The summary counts connections, handovers and gaps.

${STREAM_END_HELP}

Exit codes
  0  done: stopped, or --max-frames or --duration reached, or closed by the server, or nobody reads on
  1  failed, or stdout or the audit log is not whole
  2  usage or configuration
  3  authentication
  4  gave up reconnecting
`;

const FLAGS = { ...SOURCE_FLAGS, ...STREAM_FLAGS } as const;

/** **The command `listen`**: streams until it is stopped. */
export const listen: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS);
  return streamFromGenesys('listen', flags, streamWishes(flags));
}
