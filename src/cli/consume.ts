import { isSafeForSecrets, publicUrl } from '../connection/address.ts';
import { ConsumeTotals } from '../jetstream/consume/consume-totals.ts';
import type { From } from '../jetstream/consume/group.ts';
import type { Command } from './command.ts';
import { countFlag, numberFlag, parseFlags, secondsFlag, timeFlag, type FlagValues } from './arguments/flags.ts';
import { nameFlag } from './arguments/name-flag.ts';
import { NATS_FLAGS, NATS_HELP, natsWishes } from './arguments/nats-flags.ts';
import { readDotEnv } from './arguments/read-dot-env.ts';
import { METRICS_HELP, RUN_FLAGS, streamWishes } from './arguments/stream-flags.ts';
import { UsageError } from './arguments/usage-error.ts';
import { endWithoutRest } from './jetstream/end-without-rest.ts';
import { withNatsPackages } from './jetstream/nats-packages.ts';
import { ownId } from './jetstream/own-id.ts';
import type { SinkWishes } from './jetstream/run-consume.ts';
import type { LagReading } from './jetstream/watch-lag.ts';
import { onStopSignal } from './stop-signal.ts';

const HELP = `rxframe consume: hands the frames in NATS JetStream to a program, a webhook, or stdout

Usage
  rxframe consume --group NAME [flags]

Examples
  rxframe consume --group trial                      each frame as a line of JSON
  rxframe consume --group trial | jq .data.id
  rxframe consume --group crm --exec './to-crm.sh'   a process for each frame, which gets it on stdin
  rxframe consume --group crm --webhook https://crm.example.org/genesys
  rxframe consume --group replay --from 2026-01-31T12:00Z --type interaction.update
  rxframe consume --group crm --webhook https://crm.example.org/genesys --metrics-address 9464 --quiet

Two or more with the same group share the work, one to a partition at a time; when one comes, goes or dies they share it
anew. The group's place in the stream stays when they are gone. Frames of a conversation come in their order.

What to read
  --group NAME           the group; each group gets every frame
  --stream NAME          that rxframe ingest publishes to; without it: GENESYS
  --from START           where a new group begins: first, new, a time such as 2026-01-31T12:00Z, or where there is one
                         partition a number in the stream; without it: first
  --type TYPE            only frames of this payload type; others are acknowledged unread; may be repeated
  --id NAME              this member of the group, unlike all others; without it: the machine's name and random digits

Where to (one of them; without any: a line of JSON for each frame on stdout)
  --exec COMMAND         run it by the shell for each frame, with the payload on its stdin; exit code 0: done
  --webhook URL          post it there; an answer 2xx: done; https://, or http:// on loopback. The environment variable
                         RXFRAME_WEBHOOK_AUTHORIZATION, also from .env, is sent as Authorization
  --webhook-insecure     http:// to another machine, over a network that you trust
  --timeout SECONDS      how long one command or request may take; without it: 30
  --concurrency N        so many commands or requests at a time, never two of one conversation; without it: 4 commands,
                         or 16 requests

What is not done comes again
  --max-deliver N        after N attempts a frame becomes a dead letter, or Infinity; without it: 10
  --ack-wait SECONDS     when a member dies, its frames come again after this time; without it: 30
  --max-ack-pending N    how many frames of a partition are in hand at most; without it: 256

${NATS_HELP}

What to do
${METRICS_HELP}
  --max-frames N         end after N frames that are done, or dead letters
  --duration SECONDS     end after this time
  --quiet                nothing on stderr but errors and what is missing; no summary
  --no-color             no colours; so does the environment variable NO_COLOR, where it is not empty
  -h, --help             this text

A line of JSON is that of rxframe listen --json --data. It is done when the operating system has taken it.

A command or a request is tried again after 1 s, 2 s, and so on up to 60 s, and the frames behind it of the same
conversation wait. An answer with Retry-After is waited out. A frame that a webhook refuses (4xx but for 401, 403, 407,
408, 425 and 429), and one that is no valid payload, becomes a dead letter at once: rxframe consume reads on. Dead
letters stay in the stream NAME-dead, until somebody removes them.

A command finds in its environment, a webhook in the headers after the comma, with what is not visible ASCII as %XX:
  RXFRAME_MESSAGE_ID, Idempotency-Key                  the same each time that this event comes, to know it by
  RXFRAME_PAYLOAD_TYPE, Rxframe-Type                   such as interaction.update
  RXFRAME_KEY, Rxframe-Key                             the conversation
  RXFRAME_ORGANIZATION, Rxframe-Organization           --org of rxframe ingest
  RXFRAME_STREAM, Rxframe-Stream                       the stream of the partition
  RXFRAME_SEQUENCE, Rxframe-Sequence                   its number there
  RXFRAME_DELIVERY_COUNT, Rxframe-Delivery-Count       more than 1 where a member has died
  RXFRAME_FRAME_ID, Rxframe-Frame                      the connection, and the number on it, of the ingester
  RXFRAME_TIMESTAMP, Rxframe-Timestamp                 when the ingester received it
  RXFRAME_BYTE_LENGTH                                  the size of the payload; less comes where rxframe is killed
A command is a process group of its own. What is left of it when it ends, or takes too long, is killed.

SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal is closed) stop it in order: nothing more is taken, what is worked on
has 5 s to be finished and acknowledged, all else is left to other members, and the summary is printed. A second signal
ends it at once, with exit code 130, 143 or 129.

Exit codes
  0  done: stopped, or --max-frames or --duration reached, or nobody reads on
  1  failed: NATS can't be reached, there is no such stream, or stdout is not whole
  2  usage or configuration, among it a group that began elsewhere than --from says
  3  authentication: NATS does not accept who we are, or does not permit it
`;

const FLAGS = {
  group: { type: 'string' },
  stream: { type: 'string' },
  from: { type: 'string' },
  type: { type: 'string', multiple: true },
  id: { type: 'string' },
  exec: { type: 'string' },
  webhook: { type: 'string' },
  'webhook-insecure': { type: 'boolean' },
  timeout: { type: 'string' },
  concurrency: { type: 'string' },
  'max-deliver': { type: 'string' },
  'ack-wait': { type: 'string' },
  'max-ack-pending': { type: 'string' },
  ...NATS_FLAGS,
  ...RUN_FLAGS,
} as const;

/** How many frames are worked on at a time where it is not said. The lines on stdout are in the order in which the frames came. */
const CONCURRENCY = { stdout: 1, exec: 4, webhook: 16 };
/** How long a command or a request may take where it is not said, in seconds. */
const TIMEOUT = 30;

/** **The command `consume`**: reads from JetStream until it is stopped. */
export const consume: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS, 'NATS_PASSWORD');
  const totals = new ConsumeTotals();
  const lag: LagReading = { waiting: undefined };
  const sink = sinkWishes(flags);
  const wishes = {
    sink,
    concurrency: concurrencyOf(flags.concurrency, sink),
    read: { ...readWishes(flags), totals },
    nats: natsWishes(flags, process.env),
    stream: streamWishes(flags, { consumed: totals, lag: () => lag.waiting }),
    lag,
  };
  // From here on a signal stops it in order, also while the library loads.
  const stopped = new Promise<void>((stop) => onStopSignal(stop));
  const { runConsume } = await withNatsPackages(() => import('./jetstream/run-consume.ts'));
  return runConsume(wishes, stopped).finally(endWithoutRest);
}

function readWishes(flags: FlagValues<typeof FLAGS>) {
  const group = nameFlag('--group', flags.group);
  if (group === undefined) throw new UsageError('needs a group: --group NAME; those of one name share the work');
  const from = startFlag(flags.from);
  const isCount = (value: number) => value === Infinity || (Number.isSafeInteger(value) && value > 0);
  const maxDeliver = numberFlag('--max-deliver', flags['max-deliver'], 'a positive integer, or Infinity', isCount);
  const ackWait = secondsFlag('--ack-wait', flags['ack-wait']);
  const maxAckPending = countFlag('--max-ack-pending', flags['max-ack-pending']);
  return {
    group,
    stream: nameFlag('--stream', flags.stream) ?? 'GENESYS',
    id: nameFlag('--id', flags.id) ?? ownId(),
    ...(from !== undefined && { from }),
    ...(flags.type !== undefined && { payloadTypes: flags.type }),
    ...(maxDeliver !== undefined && { maxDeliver }),
    ...(ackWait !== undefined && { ackWait: ackWait * 1_000 }),
    ...(maxAckPending !== undefined && { maxAckPending }),
  };
}

function startFlag(text: string | undefined): From | undefined {
  if (text === undefined || text === 'first' || text === 'new') return text;
  const sequence = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(sequence) && sequence > 0) return { sequence };
  const time = /^\d{4}-/.test(text) ? timeFlag('--from', text) : undefined;
  if (time !== undefined) return { time: time.getTime() };
  throw new UsageError(
    `--from must be first, new, a time such as 2026-01-31T12:00Z, or a positive integer, got ${JSON.stringify(text)}`,
  );
}

function sinkWishes(flags: FlagValues<typeof FLAGS>): SinkWishes {
  const { exec, webhook } = flags;
  const insecure = flags['webhook-insecure'];
  if (exec !== undefined && webhook !== undefined) throw new UsageError("--exec doesn't go with --webhook");
  if (insecure !== undefined && webhook === undefined) {
    throw new UsageError('--webhook-insecure goes with --webhook');
  }
  const timeout = (secondsFlag('--timeout', flags.timeout) ?? TIMEOUT) * 1_000;
  if (exec !== undefined) {
    if (exec.trim() === '' || exec.includes('\0')) throw new UsageError('--exec must be a command of the shell');
    return { type: 'exec', command: exec, timeout };
  }
  if (webhook !== undefined) {
    const url = webhookUrl(webhook, insecure === true);
    return { type: 'webhook', url, authorization: webhookAuthorization(), timeout };
  }
  if (flags.timeout !== undefined) throw new UsageError('--timeout goes with --exec or --webhook');
  return { type: 'stdout' };
}

function concurrencyOf(text: string | undefined, { type }: SinkWishes): number {
  if (text !== undefined && type === 'stdout') throw new UsageError('--concurrency goes with --exec or --webhook');
  return countFlag('--concurrency', text) ?? CONCURRENCY[type];
}

/** Shown without the parts in which secrets may stand. */
function webhookUrl(text: string, isInsecureMeant: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new UsageError('--webhook must be an address that starts with https://, or on loopback with http://');
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      '--webhook: user and password do not stand in the address: put the value of the header into RXFRAME_WEBHOOK_AUTHORIZATION',
    );
  }
  if (!isSafeForSecrets(url) && !isInsecureMeant) {
    throw new UsageError(
      `--webhook: frames go over https:// or to loopback only, not to ${publicUrl(url, true)}; where the network in between is trusted, --webhook-insecure`,
    );
  }
  return url;
}

function webhookAuthorization(): string | undefined {
  const variable = 'RXFRAME_WEBHOOK_AUTHORIZATION';
  const value = process.env[variable] || readDotEnv()[variable] || undefined;
  if (value !== undefined && !/^[!-~](?:[ -~]*[!-~])?$/.test(value)) {
    throw new UsageError(`${variable} must be visible ASCII, as in a header`);
  }
  return value;
}
