import type { Command } from './command.ts';
import { parseFlags } from './arguments/flags.ts';
import { PLATFORM_FLAGS, PLATFORM_HELP } from './arguments/platform-flags.ts';
import { withAccess } from './platform/with-access.ts';

const HELP = `rxframe topics: the notification topics that the platform offers

Usage
  rxframe topics [flags]

Examples
  rxframe topics                                     all, as a table
  rxframe topics --search "queue conversations"      those that have both words
  rxframe topics --simulate                          those of the simulated Genesys Cloud
  rxframe topics --json | jq -r .id                  as lines of JSON

A topic is subscribed to with an id in place of each {id}:
  rxframe listen --notifications --topic v2.users.7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10.presence

${PLATFORM_HELP}

What to show
  --search TEXT          topics that have each word of it, in their name, description or permissions
  --json                 one line of JSON for each topic, on stdout: id, description (or null), permissions, transports
  -h, --help             this text

On a terminal the table is as wide as that; for a program it has one line a topic. How many there are is told on stderr.

Exit codes
  0  done
  1  failed
  2  usage or configuration
  3  authentication
`;

const FLAGS = {
  ...PLATFORM_FLAGS,
  search: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** **The command `topics`**: prints what the platform offers. */
export const topics: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS);
  const { search = '', json = false } = flags;
  return withAccess('topics', flags, async (access) => {
    // Imported only now: neither --help nor a wrong flag waits for the library to load.
    const { listTopics } = await import('./platform/list-topics.ts');
    return listTopics(access, search, json);
  });
}
