import type { CompletedCommand, CompletedFlag, Completion } from './completed-command.ts';

/** **The completion for fish**, from 3.0 on. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of rxframe for fish, made by: rxframe completion fish
complete -c rxframe -f
complete -c rxframe -n __fish_use_subcommand -l help -s h -d 'the commands'
complete -c rxframe -n __fish_use_subcommand -l version -s v -d 'the version'
${commands.flatMap(commandLines).join('\n')}
`;
}

function commandLines({ name, description, flags, words, takesFiles }: CompletedCommand): string[] {
  const after = `complete -c rxframe -n '__fish_seen_subcommand_from ${name}'`;
  return [
    `complete -c rxframe -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...(words.length === 0 ? [] : [`${after} -a ${quoted(words.join(' '))}`]),
    ...(takesFiles ? [`${after} -F`] : []),
    ...flags.map((flag) => `${after} ${flagArguments(flag)}`),
  ];
}

function flagArguments({ name, description, value, values }: CompletedFlag): string {
  const takes = value === undefined ? '' : ` ${valueArguments(values)}`;
  return `-l ${name}${name === 'help' ? ' -s h' : ''}${takes} -d ${quoted(description)}`;
}

function valueArguments(values: Completion): string {
  if (values === 'files') return '-r -F';
  if (values === 'folders') return "-x -a '(__fish_complete_directories)'";
  return values.length === 0 ? '-x' : `-x -a ${quoted(values.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
