#!/usr/bin/env node
import { RxFrameError } from '../../operators/errors.ts';
import { version } from '../version.ts';
import { COMMANDS } from './commands.ts';
import { didYouMean } from './arguments/did-you-mean.ts';
import { exitCode, exitCodeOf } from './exit-code.ts';
import { terminalLines, terminalText } from './terminal/terminal-text.ts';
import { UsageError } from './arguments/usage-error.ts';

const HELP = `rxframe ${version}: frames from Genesys Cloud, and from a simulated one

Usage
  rxframe listen                stream frames to the terminal
  rxframe record FILE           the same, and record it
  rxframe replay FILE...        replay what was recorded
  rxframe ingest                publish frames to NATS JetStream
  rxframe consume --group NAME  hand them from there to a program, a webhook, or stdout
  rxframe doctor                check step by step that notifications can be had
  rxframe topics                the notification topics that there are
  rxframe channels list         the notification channels; or delete
  rxframe audiohook             a server for live audio (AudioHook); records it
  rxframe audit verify FILE...  check that an audit log is whole
  rxframe simulate              run the simulated Genesys Cloud alone
  rxframe simulate-audiohook URL
                                call an AudioHook server, as Genesys Cloud does
  rxframe bench                 measure where the time of the pipeline goes
  rxframe completion SHELL      completion for bash, zsh or fish
  rxframe COMMAND --help        the flags of a command, with examples
  rxframe --version

Flags of all commands
  --no-color                    no colours; as with the variable NO_COLOR

Start with
  npx rxframe listen --simulate
`;

/** Goes with every command: all that colour look at the variable. */
const NO_COLOUR = '--no-color';
if (process.argv.includes(NO_COLOUR)) process.env['NO_COLOR'] = '1';

const [name = '', ...args] = process.argv.slice(2).filter((arg) => arg !== NO_COLOUR);

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
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (isHelp(name) || (command !== undefined && args.some(isHelp))) {
    process.stdout.write(command?.help ?? HELP);
    return exitCode.done;
  }
  if (command !== undefined) return command.run(args);
  if (name === '' && process.stdout.isTTY) {
    process.stdout.write(HELP);
    return exitCode.usage;
  }
  throw new UsageError(noCommand());
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function noCommand(): string {
  const names = Object.keys(COMMANDS);
  const which = name === '' ? '' : ` ${JSON.stringify(name)}${didYouMean(name, names)}`;
  return `there is no command${which}; there are ${new Intl.ListFormat('en-GB').format(names)}`;
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
