import { LONGEST_DELAY } from '../../operators/options.ts';
import { exitCode } from './exit-code.ts';
import { countFlag, numberFlag, parseFlags, type FlagValues } from './flags.ts';
import { listenToEndpoint } from './listen-to-endpoint.ts';
import { listenToNotifications } from './listen-to-notifications.ts';
import { onStopSignal } from './stop-signal.ts';
import type { StreamWishes } from './stream-outcomes.ts';
import { UsageError } from './usage-error.ts';

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

Where from
  --simulate             a simulated Genesys Cloud in this process, faults and disconnections included
  --env REGION           such as eu-central-1 or mypurecloud.de            GENESYS_ENV
  --client-id ID         of an OAuth client with client credentials        GENESYS_CLIENT_ID
                         its secret, never a flag                          GENESYS_CLIENT_SECRET
  --login-url URL        another login server than the region's            GENESYS_LOGIN_URL
  --stream-url URL       another streaming endpoint than the region's      GENESYS_STREAM_URL
  --api-url URL          another REST API than the region's, for channels  GENESYS_API_URL
  Each is taken from the flags, else the environment, else the file .env in this folder.
  http:// and ws:// are for loopback only.

Which events
  --notifications        notification channels in place of the streaming endpoint
  --topic TOPIC          such as v2.users.7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10.presence; may be repeated
  --topics-file FILE     one topic a line, # begins a comment; - is stdin
  --replace-channel      where there are 20 channels: end the one that was used longest ago, instead of failing
  More topics than a channel holds are spread over several. With --simulate, topics may be left out.

What to do
  --json                 one line of JSON for each outcome, on stdout; all else on stderr
  --data                 with --json: the payload too, as decoded JSON, or as base64
  --audit-file FILE      append one audit record for each outcome
  --max-frames N         end after N outcomes
  --duration SECONDS     end after this time
  --max-attempts N       give up after N failed connections in a row
  -h, --help             this text

A line of JSON has connectionId, sequence, frameId, outcome (accepted or rejected), payloadType (null where it is not
known), byteLength, checksum (pass, fail or none), latencyMs, timestamp; a rejected one also stage, reason and issues;
with --data all have data.

With --notifications, topics that the platform refuses, handovers to the next connection, and gaps, in which events may be
missing, are told on stderr, one line each; with --json as JSON with notice (refused, handover or gap) and timestamp. The
summary counts connections, handovers and gaps.

SIGINT (Ctrl-C) and SIGTERM stop it in order: what was received is written, the audit log flushed, the summary printed.
A reader that has not taken all of stdout after 5 s is given up. A second signal ends it at once, with exit code 130 or 143.

Exit codes
  0  done: stopped, or --max-frames or --duration reached, or closed by the server, or nobody reads on
  1  failed, or stdout or the audit log is not whole
  2  usage or configuration
  3  authentication
  4  gave up reconnecting
`;

const FLAGS = {
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
  json: { type: 'boolean' },
  data: { type: 'boolean' },
  'audit-file': { type: 'string' },
  'max-frames': { type: 'string' },
  duration: { type: 'string' },
  'max-attempts': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The longest time that timers take, in seconds. */
const LONGEST_DURATION = Math.floor(LONGEST_DELAY / 1_000);

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
  const wishes = streamWishes(flags);
  checkKind(flags);
  // From here on a signal stops it in order, also while the library loads.
  const stopped = new Promise<void>((stop) => onStopSignal(stop));
  return flags.notifications === true
    ? listenToNotifications(flags, wishes, stopped)
    : listenToEndpoint(flags, wishes, stopped);
}

/** What is for one kind of source does not go with the other. */
function checkKind(flags: FlagValues<typeof FLAGS>): void {
  if (flags.notifications === true) {
    if (flags['stream-url'] !== undefined) throw new UsageError("--stream-url doesn't go with --notifications");
    return;
  }
  const other = (['topic', 'topics-file', 'replace-channel', 'api-url'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (other !== undefined) throw new UsageError(`--${other} goes with --notifications`);
}

function streamWishes(flags: FlagValues<typeof FLAGS>): StreamWishes {
  const json = flags.json === true;
  const data = flags.data === true;
  if (data && !json) throw new UsageError('--data goes with --json');
  return {
    json,
    data,
    auditFile: flags['audit-file'],
    maxFrames: countFlag('--max-frames', flags['max-frames']),
    duration: numberFlag(
      '--duration',
      flags.duration,
      `a number of seconds above 0 and at most ${LONGEST_DURATION}`,
      (value) => value > 0 && value <= LONGEST_DURATION,
    ),
    maxAttempts: countFlag('--max-attempts', flags['max-attempts']),
  };
}
