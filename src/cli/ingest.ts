import { PublishTotals } from '../jetstream/publish/publish-totals.ts';
import type { Command } from './command.ts';
import { AUDIT_FLAGS, AUDIT_HELP } from './arguments/audit-flags.ts';
import { countFlag, numberFlag, parseFlags, secondsFlag, type FlagValues } from './arguments/flags.ts';
import { nameFlag } from './arguments/name-flag.ts';
import { NATS_FLAGS, NATS_HELP, natsWishes } from './arguments/nats-flags.ts';
import { checkSourceFlags, SOURCE_FLAGS, SOURCE_HELP } from './arguments/source-flags.ts';
import { METRICS_HELP, RUN_FLAGS, streamWishes } from './arguments/stream-flags.ts';
import { UsageError } from './arguments/usage-error.ts';
import { endWithoutRest } from './jetstream/end-without-rest.ts';
import { withNatsPackages } from './jetstream/nats-packages.ts';
import { ownId } from './jetstream/own-id.ts';
import type { PublishWishes } from './jetstream/publish-companion.ts';
import type { IngestWishes } from './jetstream/run-ingest.ts';

const HELP = `rxframe ingest: publishes frames to NATS JetStream

Usage
  rxframe ingest [flags]

Examples
  rxframe ingest --simulate                          see it work: needs nats-server -js, and no Genesys Cloud
  rxframe consume --group trial                      in another terminal: what it has published
  rxframe ingest --env eu-central-1 --nats tls://nats-1.example.org,tls://nats-2.example.org --replicas 3
  rxframe ingest --notifications --topics-file topics.txt
  rxframe ingest --notifications --topics-file topics.txt --group ingest --copies 2
  rxframe ingest --env eu-central-1 --metrics-address 0.0.0.0:9464 --audit-file audit.ndjson

Run two of them on two machines with the same flags: each event is published twice, and kept once. Either may die.
A frame is published when JetStream has acknowledged it. While JetStream is away, frames wait, and then the socket.
Keepalives, and what a notification channel says of itself, are not published.

${SOURCE_HELP}

Where to
  --stream NAME          of the streams, NAME-0 to NAME-7 and NAME-dead; without it: GENESYS
  --prefix NAME          of their subjects: NAME.ORG.TYPE.CONVERSATION.PARTITION; without it: genesys
  --partitions N         so many streams, and consumers at a time, 1 to 256; never to be changed; without it: 8
  --replicas N           on how many servers each message is kept: 1, 3 or 5; without it: 1
  --max-age SECONDS      how long messages are kept; without it: 604800, which is 7 days
  --duplicate-window SECONDS
                         how long JetStream knows an event again; without it: 120
  --org ID               of the organization, in the subjects
  --rejected             publish rejected frames too
  --max-in-flight N      so many messages are sent and not acknowledged at most; without it: 512
  --hold-back SECONDS    with several ingesters: after a new connection, send nothing for so long, 10 for instance, so
                         that none overtakes one that is behind; without it: 0
  Streams that are missing are made. Those that are there are changed to what these flags say, where no message is lost
  by it, and else left alone: exit code 2.

Sharing topics, beyond what one process may have
  --group NAME           with --notifications: those of one group share the topics; without it each has them all
  --copies N             how many of them have each topic; without it: 2
  --id NAME              this one, unlike all others; without it: the machine's name and random digits
  They find each other through NATS. When one comes, goes or dies, its topics are shared anew.

${NATS_HELP}

What to do
${AUDIT_HELP}
${METRICS_HELP}
  --max-frames N         end after N outcomes
  --duration SECONDS     end after this time
  --quiet                nothing but errors and what is missing; no summary
  --no-color             no colours; so does the environment variable NO_COLOR, where it is not empty
  -h, --help             this text

SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal is closed) stop it in order: nothing more is received, what was has
5 s to be published and acknowledged, the audit log is flushed, the summary printed. A second signal ends it at once,
with exit code 130, 143 or 129.

Exit codes
  0  done: stopped, or --max-frames or --duration reached, or closed by the server
  1  failed: NATS can't be reached, for instance; or something was not published, or the audit log is not whole
  2  usage or configuration, among it streams that are there, and would lose messages
  3  authentication, by Genesys Cloud or NATS
  4  gave up reconnecting to Genesys Cloud
`;

const FLAGS = {
  ...SOURCE_FLAGS,
  stream: { type: 'string' },
  prefix: { type: 'string' },
  partitions: { type: 'string' },
  replicas: { type: 'string' },
  'max-age': { type: 'string' },
  'duplicate-window': { type: 'string' },
  org: { type: 'string' },
  rejected: { type: 'boolean' },
  'max-in-flight': { type: 'string' },
  'hold-back': { type: 'string' },
  group: { type: 'string' },
  copies: { type: 'string' },
  id: { type: 'string' },
  ...NATS_FLAGS,
  ...AUDIT_FLAGS,
  ...RUN_FLAGS,
} as const;

type IngestFlags = FlagValues<typeof FLAGS>;

/** How many of a group have each topic, where it is not said: one may die. */
const COPIES = 2;

/** **The command `ingest`**: publishes a stream to JetStream until it is stopped. */
export const ingest: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS);
  checkSourceFlags(flags);
  const totals = new PublishTotals();
  let isConnected = () => false;
  const missing = () => (isConnected() ? undefined : 'NATS is not connected');
  const wishes: IngestWishes = {
    nats: natsWishes(flags, process.env),
    id: nameFlag('--id', flags.id) ?? ownId(),
    publish: publishWishes(flags),
    sharing: sharing(flags),
    totals,
    stream: streamWishes(flags, { published: totals, missing }),
  };
  const { runIngest } = await withNatsPackages(() => import('./jetstream/run-ingest.ts'));
  return runIngest(flags, wishes, (link) => (isConnected = () => link.isOpen)).finally(endWithoutRest);
}

function publishWishes(flags: IngestFlags): PublishWishes {
  const partitions = numberFlag('--partitions', flags.partitions, 'an integer from 1 to 256', isPartitions);
  const prefix = nameFlag('--prefix', flags.prefix);
  const replicas = replicasFlag(flags.replicas);
  const maxAge = countFlag('--max-age', flags['max-age']);
  const duplicateWindow = countFlag('--duplicate-window', flags['duplicate-window']);
  const maxInFlight = countFlag('--max-in-flight', flags['max-in-flight']);
  const holdBack = secondsFlag('--hold-back', flags['hold-back']);
  if (maxAge !== undefined && duplicateWindow !== undefined && duplicateWindow > maxAge) {
    throw new UsageError('--duplicate-window must not be longer than --max-age');
  }
  return {
    stream: {
      name: nameFlag('--stream', flags.stream) ?? 'GENESYS',
      ...(prefix !== undefined && { prefix }),
      ...(partitions !== undefined && { partitions }),
      ...(replicas !== undefined && { replicas }),
      ...(maxAge !== undefined && { maxAge: maxAge * 1_000 }),
      ...(duplicateWindow !== undefined && { duplicateWindow: duplicateWindow * 1_000 }),
    },
    rejected: flags.rejected === true,
    ...(flags.org !== undefined && { organizationId: flags.org }),
    ...(maxInFlight !== undefined && { maxInFlight }),
    ...(holdBack !== undefined && { holdBack: holdBack * 1_000 }),
  };
}

function isPartitions(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 256;
}

function replicasFlag(text: string | undefined): 1 | 3 | 5 | undefined {
  const isReplicas = (value: number) => [1, 3, 5].includes(value);
  return numberFlag('--replicas', text, '1, 3 or 5', isReplicas) as 1 | 3 | 5 | undefined;
}

function sharing(flags: IngestFlags): IngestWishes['sharing'] {
  const group = nameFlag('--group', flags.group);
  const copies = countFlag('--copies', flags.copies);
  if (group === undefined) {
    const lonely = (['copies', 'id'] as const).find((name) => flags[name] !== undefined);
    if (lonely !== undefined) throw new UsageError(`--${lonely} goes with --group`);
    return undefined;
  }
  if (flags.notifications !== true) throw new UsageError('--group goes with --notifications');
  return { group, copies: copies ?? COPIES };
}
