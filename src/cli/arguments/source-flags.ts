import type { FlagValues } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** The flags by which a command finds the stream of Genesys Cloud, and what it is to bring. */
export const SOURCE_FLAGS = {
  simulate: { type: 'boolean' },
  env: { type: 'string' },
  'client-id': { type: 'string' },
  'login-url': { type: 'string' },
  'stream-url': { type: 'string' },
  'api-url': { type: 'string' },
  notifications: { type: 'boolean' },
  topic: { type: 'string', multiple: true },
  'topics-file': { type: 'string' },
  'replace-channel': { type: 'boolean' },
  'max-attempts': { type: 'string' },
} as const;

/** Their part of a help text. */
export const SOURCE_HELP = `Where from
  --simulate             a simulated Genesys Cloud in this process, faults and disconnections included
  --env REGION           such as eu-central-1 or mypurecloud.de            GENESYS_ENV
  --client-id ID         of an OAuth client with client credentials        GENESYS_CLIENT_ID
                         its secret, never a flag                          GENESYS_CLIENT_SECRET
  --login-url URL        another login server than the region's            GENESYS_LOGIN_URL
  --stream-url URL       another streaming endpoint than the region's      GENESYS_STREAM_URL
  --api-url URL          another REST API than the region's, for channels  GENESYS_API_URL
  --max-attempts N       give up after N failed connections in a row
  Each is taken from the flags, else the environment, else the file .env in this folder.
  http:// and ws:// are for loopback only.

Which events
  --notifications        notification channels in place of the streaming endpoint
  --topic TOPIC          such as v2.users.7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10.presence; may be repeated
  --topics-file FILE     one topic a line, # begins a comment; - is stdin
  --replace-channel      where there are 20 channels: end the one that was used longest ago, instead of failing
  More topics than a channel holds are spread over several. With --simulate, topics may be left out.`;

/** What is for one kind of source does not go with the other. */
export function checkSourceFlags(flags: FlagValues<typeof SOURCE_FLAGS>): void {
  if (flags.notifications === true) {
    if (flags['stream-url'] !== undefined) throw new UsageError("--stream-url doesn't go with --notifications");
    return;
  }
  const other = (['topic', 'topics-file', 'replace-channel', 'api-url'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (other !== undefined) throw new UsageError(`--${other} goes with --notifications`);
}
