import type { SimulatorOptions } from '../simulator/index.ts';
import type { Command } from './command.ts';
import { exitCode } from './exit-code.ts';
import { countFlag, numberFlag, parseFlags, portFlag, seedFlag, type FlagValues } from './arguments/flags.ts';
import { onStopSignal } from './stop-signal.ts';

const HELP = `rxframe simulate: a simulated Genesys Cloud on this machine

Usage
  rxframe simulate [flags]

Examples
  rxframe simulate                                   on a free port, 1,000 frames a second
  rxframe simulate --port 8080 --rate 50
  rxframe simulate --bad-rate 0.05 --seed 7          one frame in twenty is faulty
  rxframe simulate --frames 500                      closes each connection (1000) after 500 frames

It prints its addresses and credentials as lines for a shell, and runs until it is stopped by a signal. Paste the lines
into another terminal and run npx rxframe listen there. There are notification channels too, with 10 events a second.

Flags
  --port PORT            on 127.0.0.1; without it: a free one
  --rate N               frames a second on each connection, or Infinity; without it: 1000
  --seed N               what the frames are made from, 0 to 4294967295: the same seed, the same bytes; without it: 1
  --bad-rate SHARE       the share of faulty frames, 0 to 1; without it: 0
  --frames N             how many frames a connection gets before it is closed; without it: no end
  -h, --help             this text

Exit codes
  0  stopped by SIGINT or SIGTERM; a second one ends it at once, with 130 or 143
  1  failed: the port is taken, for instance
  2  usage
`;

const FLAGS = {
  port: { type: 'string' },
  rate: { type: 'string' },
  seed: { type: 'string' },
  'bad-rate': { type: 'string' },
  frames: { type: 'string' },
} as const;

/** **The command `simulate`**: runs the simulator alone until a signal. */
export const simulate: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS);
  const options = simulatorOptions(flags);
  const { startSimulator } = await import('../simulator/index.ts');
  const simulator = await startSimulator(options);
  const stopped = new Promise<void>((stop) => onStopSignal(stop));
  const topic =
    simulator.notifications.topics().find((name) => /^v2\.routing\.queues\..+\.conversations$/.test(name)) ?? '';
  process.stdout.write(`# A simulated Genesys Cloud. Paste these lines into another terminal, then: npx rxframe listen
# On notification channels, for example: npx rxframe listen --notifications --json --data --topic ${topic}
export GENESYS_LOGIN_URL=${simulator.loginUrl}
export GENESYS_API_URL=${simulator.apiUrl}
export GENESYS_STREAM_URL=${simulator.streamUrl}
export GENESYS_CLIENT_ID=${simulator.clientId}
export GENESYS_CLIENT_SECRET=${simulator.clientSecret}
`);
  await stopped;
  await simulator.close();
  const { frames, bytes, connections, refused, tokens } = simulator.totals;
  process.stderr.write(
    `${frames} frames, ${bytes} bytes on ${connections} connections; ${refused} refused, ${tokens} tokens issued\n`,
  );
  return exitCode.done;
}

function simulatorOptions(flags: FlagValues<typeof FLAGS>): SimulatorOptions {
  const port = portFlag('--port', flags.port);
  const rate = numberFlag('--rate', flags.rate, 'a number above 0, or Infinity', (value) => value > 0);
  const seed = seedFlag('--seed', flags.seed);
  const badRate = numberFlag('--bad-rate', flags['bad-rate'], 'a number from 0 to 1', (n) => n >= 0 && n <= 1);
  const frames = countFlag('--frames', flags.frames);
  return {
    notifications: { activity: {} },
    ...(port !== undefined && { port }),
    ...(rate !== undefined && { rate }),
    ...(seed !== undefined && { seed }),
    ...(badRate !== undefined && { badRate }),
    ...(frames !== undefined && { frames }),
  };
}
