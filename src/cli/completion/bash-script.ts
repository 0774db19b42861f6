import type { CompletedCommand, Completion } from './completed-command.ts';

/** **The completion for bash**, from 3.2 on; it needs nothing else. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of rxframe for bash, made by: rxframe completion bash
_rxframe() {
  local IFS=$' \\t\\n' words='' files='' name command=\${COMP_WORDS[1]}
  local current=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD-1]}
  # Readline takes --flag=value for three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $flag == '=' ]]; then
    flag=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if (( COMP_CWORD == 1 )); then
    words='${[...commands.map(({ name }) => name), '--help', '--version'].join(' ')}'
  else
    case $command$flag in
${valueCases(commands).join('\n')}
      *)
        case $command in
${commands.map(commandCase).join('\n')}
        esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ -n $files && $current != -* ]]; then
    compopt -o filenames 2>/dev/null
    # Read line by line: a name may have spaces, and be a pattern for others.
    while IFS='' read -r name; do
      COMPREPLY+=("$name")
    done < <(compgen "$files" -- "$current")
  fi
}
complete -F _rxframe rxframe
`;
}

/** What follows each flag that has a value; those for which it is the same together. */
function valueCases(commands: readonly CompletedCommand[]): string[] {
  const cases = new Map<string, string[]>();
  for (const { name: command, flags } of commands) {
    for (const { name, value, values } of flags) {
      if (value === undefined) continue;
      const known = cases.get(assignment(values)) ?? [];
      cases.set(assignment(values), [...known, `${command}--${name}`]);
    }
  }
  return [...cases].map(([what, patterns]) => `      ${patterns.join('|')}) ${what} ;;`);
}

function commandCase({ name, flags, words, takesFiles }: CompletedCommand): string {
  const all = [...words, ...flags.map((flag) => `--${flag.name}`)].join(' ');
  return `          ${name}) words='${all}' ${takesFiles ? 'files=-f ' : ''};;`;
}

function assignment(values: Completion): string {
  if (values === 'files') return 'files=-f';
  return values === 'folders' ? 'files=-d' : `words='${values.join(' ')}'`;
}
