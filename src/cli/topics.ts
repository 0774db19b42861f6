import { exitCode } from './exit-code.ts';
import { parseFlags } from './flags.ts';
import { PLATFORM_FLAGS, PLATFORM_HELP } from './platform-flags.ts';
import { withAccess } from './with-access.ts';

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

The table cuts long descriptions; the JSON has them whole. How many there are is told on stderr.

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
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * **The command `topics`**: prints what the platform offers, and gives the exit code.
 *
 * @throws UsageError where the flags or the configuration are not usable; the error of the platform
 */
export async function topics(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS);
  if (flags.help === true) {
    process.stdout.write(HELP);
    return exitCode.done;
  }
  const { search = '', json = false } = flags;
  return withAccess('topics', flags, async (access) => {
    // Imported only now: neither --help nor a wrong flag waits for the library to load.
    const { listTopics } = await import('./list-topics.ts');
    return listTopics(access, search, json);
  });
}
