import { LONGEST_DELAY } from '../../operators/options.ts';
import type { SimulatorOptions } from '../simulator/index.ts';
import { readConfiguration } from './configuration.ts';
import { exitCode } from './exit-code.ts';
import { countFlag, numberFlag, parseFlags, type FlagValues } from './flags.ts';
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
  rxframe listen --audit-file audit.ndjson --duration 3600

Where from
  --simulate             a simulated Genesys Cloud in this process, faults and disconnections included
  --env REGION           such as eu-central-1 or mypurecloud.de            GENESYS_ENV
  --client-id ID         of an OAuth client with client credentials        GENESYS_CLIENT_ID
                         its secret, never a flag                          GENESYS_CLIENT_SECRET
  --login-url URL        another login server than the region's            GENESYS_LOGIN_URL
  --stream-url URL       another streaming endpoint than the region's      GENESYS_STREAM_URL
  Each is taken from the flags, else the environment, else the file .env in this folder.
  http:// and ws:// are for loopback only.

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
  json: { type: 'boolean' },
  data: { type: 'boolean' },
  'audit-file': { type: 'string' },
  'max-frames': { type: 'string' },
  duration: { type: 'string' },
  'max-attempts': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** What `--simulate` brings: bad frames now and then, two disconnections early on, and one after 40 s each time. */
const SIMULATION: SimulatorOptions = {
  badRate: 0.02,
  script: [
    { at: 800, connection: 0, drop: true },
    { at: 700, connection: 1, close: 1012, reason: 'service restart' },
    { at: 40_000, close: 1013, reason: 'try again later' },
  ],
};

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
  const own = (['env', 'client-id', 'login-url', 'stream-url'] as const).find((name) => flags[name] !== undefined);
  if (flags.simulate === true && own !== undefined) {
    throw new UsageError(`--simulate brings its own servers: leave out --${own}`);
  }
  // From here on a signal stops it in order, also while the library loads.
  const stopped = new Promise<void>((stop) => onStopSignal(stop));
  const configuration = flags.simulate === true ? undefined : readConfiguration(flags, process.env);

  // Imported only now: neither --help nor a wrong flag waits for the library to load.
  const { streamOutcomes } = await import('./stream-outcomes.ts');
  if (configuration !== undefined) return streamOutcomes(configuration, wishes, stopped);
  const { startSimulator } = await import('../simulator/index.ts');
  const simulator = await startSimulator(SIMULATION);
  try {
    return await streamOutcomes(simulator, wishes, stopped);
  } finally {
    await simulator.close();
  }
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
