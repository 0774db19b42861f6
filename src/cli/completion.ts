import type { Command } from './command.ts';
import { completedCommand } from './completion/completed-command.ts';
import { bashScript } from './completion/bash-script.ts';
import { fishScript } from './completion/fish-script.ts';
import { zshScript } from './completion/zsh-script.ts';
import { didYouMean } from './arguments/did-you-mean.ts';
import { exitCode } from './exit-code.ts';
import { parseWords } from './arguments/flags.ts';
import { UsageError } from './arguments/usage-error.ts';

const HELP = `rxframe completion: prints what lets a shell complete commands, flags, and the names of files

Usage
  rxframe completion bash|zsh|fish

Examples
  eval "$(rxframe completion bash)"                  for this shell; in ~/.bashrc for each one
  rxframe completion bash > ~/.local/share/bash-completion/completions/rxframe
                                                     the same, where bash-completion is installed
  rxframe completion zsh > ~/.zfunc/_rxframe         with fpath+=(~/.zfunc) before compinit in ~/.zshrc
  rxframe completion fish > ~/.config/fish/completions/rxframe.fish

It completes rxframe, by that name: after npm install --global rxframe, or with node_modules/.bin in the PATH. Print it
again after an update.

Flags
  -h, --help             this text

Exit codes
  0  done
  2  usage
`;

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** **The command `completion`**: prints the completion for a shell. */
export const completion: Command = { help: HELP, flags: {}, run };

async function run(args: readonly string[]): Promise<number> {
  const { words } = parseWords(args, {});
  const [shell = '', ...others] = words;
  if (!isShell(shell) || others.length > 0) {
    throw new UsageError(`names a shell: bash, zsh or fish${didYouMean(shell, Object.keys(SCRIPTS))}`);
  }
  // Imported only now: this command is one of them.
  const { COMMANDS } = await import('./commands.ts');
  const commands = Object.entries(COMMANDS).map(([name, command]) => completedCommand(name, command));
  process.stdout.write(SCRIPTS[shell](commands));
  return exitCode.done;
}

function isShell(word: string): word is keyof typeof SCRIPTS {
  return Object.hasOwn(SCRIPTS, word);
}
