#!/usr/bin/env node
import { RxFrameError } from '../../operators/errors.ts';
import { version } from '../version.ts';
import { audiohook } from './audiohook.ts';
import { bench } from './bench.ts';
import { channels } from './channels.ts';
import { doctor } from './doctor.ts';
import { exitCode, exitCodeOf } from './exit-code.ts';
import { listen } from './listen.ts';
import { simulateAudiohook } from './simulate-audiohook.ts';
import { simulate } from './simulate.ts';
import { terminalLines, terminalText } from './terminal-text.ts';
import { topics } from './topics.ts';
import { UsageError } from './usage-error.ts';

const HELP = `rxframe ${version}: frames from Genesys Cloud, and from a simulated one

Usage
  rxframe listen [flags]        stream frames to the terminal
  rxframe doctor [flags]        check step by step that notifications can be had
  rxframe topics [flags]        the notification topics that there are
  rxframe channels list         the notification channels that there are; or delete
  rxframe audiohook [flags]     run a server for live audio (AudioHook), and record it
  rxframe simulate [flags]      run the simulated Genesys Cloud alone
  rxframe simulate-audiohook URL
                                call an AudioHook server, as Genesys Cloud does
  rxframe bench [flags]         measure where the time of the pipeline goes
  rxframe COMMAND --help        the flags of a command, with examples
  rxframe --version

Start with
  npx rxframe listen --simulate
`;

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  listen,
  doctor,
  topics,
  channels,
  audiohook,
  simulate,
  'simulate-audiohook': simulateAudiohook,
  bench,
};

const [name = '', ...args] = process.argv.slice(2);

// A reader that has gone is no failure; `listen` looks itself.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  process.exitCode = await run();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  process.stderr.write(`${describe(error)}\n`);
}

async function run(): Promise<number> {
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version}\n`);
    return exitCode.done;
  }
  if (name === '--help' || name === '-h') {
    process.stdout.write(HELP);
    return exitCode.done;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return command(args);
  const commands = new Intl.ListFormat('en-GB').format(Object.keys(COMMANDS));
  throw new UsageError(
    name === ''
      ? `there is no command; there are ${commands}`
      : `there is no command ${JSON.stringify(name)}; there are ${commands}`,
  );
}

/** One message where the error was to be expected; the whole of it where it is a defect. */
function describe(error: unknown): string {
  const where = Object.hasOwn(COMMANDS, name) ? `rxframe ${name}` : 'rxframe';
  if (error instanceof UsageError) {
    return `${where}: ${terminalLines(error.message)}\nSee ${where} --help.`;
  }
  if (error instanceof RxFrameError || isSystemError(error)) return `${where}: ${terminalText(error.message)}`;
  const whole = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${where}: a defect. Please report it:\n${terminalLines(whole)}`;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
