import type { Command } from './command.ts';
import { parseWords } from './arguments/flags.ts';
import { PLATFORM_FLAGS, PLATFORM_HELP } from './arguments/platform-flags.ts';
import { UsageError } from './arguments/usage-error.ts';
import { withAccess } from './platform/with-access.ts';

const HELP = `rxframe channels: the notification channels of the OAuth client

Usage
  rxframe channels list [flags]
  rxframe channels delete ID... [flags]
  rxframe channels delete --all [flags]

Examples
  rxframe channels list                              how many of the 20 that are allowed there are, and when they end
  rxframe channels list --json | jq -r .expires
  rxframe channels delete 0a1b2c3d                   no more events for this one

list shows the id of a channel, when it ends, and how many subscriptions it has; joined topics count as one. The
platform tells ids only to the token that made the channel, and each run of this command has a token of its own: the
channels of other programs show with no id, and a program that makes channels knows their ids by itself.

delete removes all subscriptions of a channel. The platform has no call to end the channel itself: it ends 24 hours
after its last use, or when a 21st takes its place. --all are those whose ids list shows.

${PLATFORM_HELP}

What to do
  --all                  delete: each channel that has an id
  --json                 one line of JSON for each channel, on stdout: id (or null), expires, subscriptions (or null);
                         of delete: id, deleted, error where it was not
  -h, --help             this text

Exit codes
  0  done
  1  failed, or a channel was not deleted
  2  usage or configuration
  3  authentication
`;

const FLAGS = {
  ...PLATFORM_FLAGS,
  all: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** What would be another address: a URL takes dots for the way up. */
const NO_ID = /^\.*$/;

/** **The command `channels`**: lists channels, or removes their subscriptions. */
export const channels: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const { flags, words } = parseWords(args, FLAGS);
  const { all = false, json = false } = flags;
  const [action, ...ids] = words;
  checkWords(action, ids, all);
  return withAccess(`channels ${action}`, flags, async (access) => {
    // Imported only now: neither --help nor a wrong flag waits for the library to load.
    if (action === 'list') return (await import('./platform/list-channels.ts')).listChannels(access, json);
    return (await import('./platform/delete-channels.ts')).deleteChannels(access, all ? undefined : ids, json);
  });
}

function checkWords(
  action: string | undefined,
  ids: readonly string[],
  all: boolean,
): asserts action is 'list' | 'delete' {
  if (action !== 'list' && action !== 'delete') throw new UsageError('says what to do: list or delete');
  if (action === 'list' && (ids.length > 0 || all)) throw new UsageError('list takes no id, and no --all');
  if (action === 'delete' && ids.length > 0 === all) throw new UsageError('delete takes ids, or --all');
  if (ids.some((id) => NO_ID.test(id)))
    throw new UsageError('an id of a channel has something in it, and not dots alone');
}
