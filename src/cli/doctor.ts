import type { ApiAccess } from './platform/api-client.ts';
import type { Command } from './command.ts';
import { configurationOf, type SourceFlags } from './arguments/configuration-of.ts';
import type { Configuration } from './arguments/configuration.ts';
import { STEPS, type CheckStep } from './doctor/check-step.ts';
import { Checklist, type Finding } from './doctor/checklist.ts';
import { stepLines } from './doctor/step-lines.ts';
import { parseFlags } from './arguments/flags.ts';
import { hasColours } from './terminal/has-colours.ts';
import { PLATFORM_FLAGS, PLATFORM_HELP } from './arguments/platform-flags.ts';
import { topicOf } from './platform/read-topics.ts';
import { terminalJson } from './terminal/terminal-text.ts';
import { withSimulator } from './with-simulator.ts';

const HELP = `rxframe doctor: checks step by step that notifications can be had, and says what to do where one can't

Usage
  rxframe doctor [flags]

Examples
  rxframe doctor                                     with the configuration that listen --notifications would take
  rxframe doctor --env eu-central-1 --topic v2.users.7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10.presence
  rxframe doctor --simulate                          what it looks like where all is well
  rxframe doctor --json | jq 'select(.verdict != "ok")'

Steps
  configuration          credentials, region or addresses, and where each was found
  hosts                  their names have addresses
  token                  the login server takes the credentials
  scopes                 those of the streaming endpoint are granted, though channels need none
  api                    the REST API answers: GET channels
  clock                  this machine's clock is that of the API, within 2 s
  channel                one is made, unless there are as many as are allowed
  topic                  it is subscribed to; without --topic that of a user who is not there, on which nothing happens
  socket                 the channel's address can be connected to
  pong                   a ping is answered within 10 s; how long it took

Each is ✓ (fine), ✗ (failed) or – (not tried, or no hindrance). It stops where going on makes no sense. The subscription
is removed in the end; the channel counts as one of the 20 of the OAuth client until it ends by itself, after 24 hours.

${PLATFORM_HELP}

What to do
  --topic TOPIC          the topic to subscribe to
  --json                 one line of JSON for each step, on stdout: step, verdict (ok, failed or skipped), detail, and
                         where there are any advice, code and durationMs
  --no-color             no colours; so does the environment variable NO_COLOR, where it is not empty
  -h, --help             this text

Exit codes
  0  no step failed
  1  a step failed
  2  usage; or what failed first is the configuration, or an address
  3  what failed first is authentication
`;

const FLAGS = {
  ...PLATFORM_FLAGS,
  topic: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** **The command `doctor`**: examines the way to the platform. */
export const doctor: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS);
  const topic = flags.topic === undefined ? undefined : topicOf('--topic', flags.topic);
  const list = new Checklist(flags.json === true ? showJson : showText);
  const examineAt = async (access: ApiAccess) => {
    // Imported only now: neither --help nor a wrong flag waits for the library to load.
    const { examine } = await import('./doctor/examine.ts');
    await examine(list, access, topic);
  };

  const configured = await list.do('configuration', () => configuration(flags));
  if (configured === 'simulated') await withSimulator({}, examineAt);
  else if (configured !== undefined) await examineAt(configured);
  list.end();
  const { failed } = list;
  process.stderr.write(failed === 0 ? 'no step failed\n' : `${failed} of ${STEPS.length} steps failed\n`);
  return list.exitCode;
}

function configuration(flags: SourceFlags): Finding<Configuration<'loginUrl' | 'apiUrl'> | 'simulated'> {
  const found = configurationOf('doctor', ['loginUrl', 'apiUrl'], flags);
  if (found === undefined) return { found: 'simulated', detail: 'that of a simulated Genesys Cloud' };
  return { found, detail: found.places.join(', ') };
}

function showJson(step: CheckStep): void {
  process.stdout.write(`${terminalJson(step)}\n`);
}

function showText(step: CheckStep): void {
  process.stdout.write(`${stepLines(step, hasColours(process.stdout))}\n`);
}
