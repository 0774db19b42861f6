import { AUDIT_FLAGS, AUDIT_HELP, auditWishes } from './audit-flags.ts';
import type { Companion, StartCompanion } from '../stream/companion.ts';
import { countFlag, portFlag, secondsFlag, type FlagValues } from './flags.ts';
import { metricsAddress, type MetricsAddress } from './metrics-address.ts';
import { memberPaths } from '../stream/member-path.ts';
import type { MoreMetrics } from '../stream/metrics-server.ts';
import { outcomeFilter } from '../stream/outcome-filter.ts';
import type { StreamWishes } from '../stream/stream-outcomes.ts';
import { UsageError } from './usage-error.ts';

/** The flags of every stream that runs on its own. */
export const RUN_FLAGS = {
  'metrics-address': { type: 'string' },
  'max-frames': { type: 'string' },
  duration: { type: 'string' },
  quiet: { type: 'boolean' },
} as const;

/** The flags that say what is to be done with a stream, wherever it is from. */
export const STREAM_FLAGS = {
  json: { type: 'boolean' },
  data: { type: 'boolean' },
  filter: { type: 'string', multiple: true },
  select: { type: 'string' },
  ...AUDIT_FLAGS,
  inspect: { type: 'boolean' },
  'inspect-port': { type: 'string' },
  ...RUN_FLAGS,
} as const;

/** A part of the help texts of all of these. */
export const METRICS_HELP = `  --metrics-address HOST:PORT
                         serve /metrics (for Prometheus, needs prom-client), /healthz and /readyz there; a port alone is
                         on loopback`;

/** Their part of a help text. */
export const STREAM_HELP = `What to do
  --json                 one line of JSON for each outcome, on stdout; all else on stderr
  --data                 with --json: the payload too, as decoded JSON, or as base64
  --filter EXPRESSION    with --json: only outcomes for which it holds, such as payloadType=interaction.update; may be
                         repeated, then all must hold
  --select MEMBERS       with --json: these members only, with commas between, such as payloadType,data.id
${AUDIT_HELP}
${METRICS_HELP}
  --inspect              serve a page that shows the stream live, on loopback; its address is in the log
  --inspect-port N       at this port, instead of any that is free
  --max-frames N         end after N outcomes; with --filter, after N for which it holds
  --duration SECONDS     end after this time
  --quiet                nothing on stderr, or without --json on stdout, but errors and what is missing; no summary
  --no-color             no colours; so does the environment variable NO_COLOR, where it is not empty
  -h, --help             this text

A line of JSON has connectionId, sequence, frameId, outcome (accepted or rejected), payloadType (null where it is not
known), byteLength, checksum (pass, fail or none), latencyMs, timestamp; a rejected one also stage, reason and issues;
with --data all have data.

A filter is MEMBER OPERATOR VALUE, with one of = != < <= > >= ~ (contains). MEMBER is one of a line of JSON, data
without --data too, or stands in one: data.eventBody.status, issues.0.message. Numbers are compared as numbers, texts by
their characters; true, false and null by these names; a VALUE in double quotes is a text. A missing member is null.
Counts, metrics and the audit log have every outcome, whatever is filtered.`;

/** How a stream ends, and with which exit codes: for a help text. */
export const STREAM_END_HELP = `SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal is closed) stop it in order: what was received is written, the audit
log flushed, the summary printed. A reader that has not taken all of stdout after 5 s is given up. A second signal ends
it at once, with exit code 130, 143 or 129.`;

/**
 * What is wished for, by the flags.
 *
 * @param more - what the server for metrics is to know besides
 * @throws UsageError where a flag is not usable
 */
export function streamWishes(flags: FlagValues<typeof STREAM_FLAGS>, more: MoreMetrics = {}): StreamWishes {
  const json = flags.json === true;
  const data = flags.data === true;
  const metrics = flags['metrics-address'];
  const { filter, select } = flags;
  const lonely = (['data', 'filter', 'select'] as const).find((name) => flags[name] !== undefined);
  if (lonely !== undefined && !json) throw new UsageError(`--${lonely} goes with --json`);
  if (data && select !== undefined)
    throw new UsageError('--select says which members: name data there, leave out --data');
  const inspectPort = portFlag('--inspect-port', flags['inspect-port']);
  if (inspectPort !== undefined && flags.inspect !== true) throw new UsageError('--inspect-port goes with --inspect');
  if (flags.inspect === true && flags.quiet === true) {
    throw new UsageError("--inspect doesn't go with --quiet: the address of its page is in the log");
  }
  return {
    json,
    data,
    filters: filter?.map(outcomeFilter) ?? [],
    select: select === undefined ? undefined : memberPaths('--select', select),
    quiet: flags.quiet === true,
    audit: auditWishes(flags),
    maxFrames: countFlag('--max-frames', flags['max-frames']),
    duration: secondsFlag('--duration', flags.duration),
    companions: [
      ...(metrics === undefined ? [] : [serveMetricsAt(metricsAddress(metrics), more)]),
      ...(flags.inspect === true ? [inspectAt(inspectPort ?? 0)] : []),
    ],
  };
}

/** Loads what it needs when the stream starts: by then a signal stops the command in order. */
function serveMetricsAt(address: MetricsAddress, more: MoreMetrics): StartCompanion {
  return async (parts) => {
    const { metricsServer } = await import('../stream/metrics-server.ts');
    return namingFlag('--metrics-address', metricsServer(address, parts, more));
  };
}

function inspectAt(port: number): StartCompanion {
  return async (parts) => {
    const { inspectorCompanion } = await import('../stream/inspector-companion.ts');
    return namingFlag(port === 0 ? '--inspect' : '--inspect-port', inspectorCompanion(port, parts));
  };
}

/** An error of the system says which flag led to it. */
async function namingFlag(flag: string, started: Promise<Companion>): Promise<Companion> {
  try {
    return await started;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) error.message = `${flag}: ${error.message}`;
    throw error;
  }
}
