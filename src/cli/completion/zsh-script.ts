import type { CompletedCommand, CompletedFlag, Completion } from './completed-command.ts';

/** **The completion for zsh**, for a folder in `fpath`, or to be sourced after `compinit`. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef rxframe
# Completion of rxframe for zsh, made by: rxframe completion zsh
_rxframe() {
  local context state state_descr line
  local -A opt_args
  _arguments -C '(- *)--help[the commands]' '(- *)--version[the version]' '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, description }) => `        ${quoted(`${name}:${description}`)}`).join('\n')}
      )
      _describe command commands ;;
    rest)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _rxframe ]]; then
  _rxframe "$@"
else
  compdef _rxframe rxframe
fi
`;
}

function commandCase({ name, flags, words, takesFiles }: CompletedCommand): string {
  const specs = [
    ...flags.map(spec),
    ...(words.length === 0 ? [] : [quoted(`1:what to do:(${words.join(' ')})`)]),
    ...(takesFiles ? [quoted('*:file:_files')] : []),
  ];
  return `        ${name})
          _arguments \\
            ${specs.join(' \\\n            ')} ;;`;
}

function spec({ name, description, value, values, isRepeatable }: CompletedFlag): string {
  const text = `[${escaped(description)}]`;
  if (value === undefined) return quoted(`--${name}${text}`);
  return quoted(`${isRepeatable ? '*' : ''}--${name}=${text}:${escaped(value)}:${action(values)}`);
}

function action(values: Completion): string {
  if (values === 'files') return '_files';
  if (values === 'folders') return '_files -/';
  return values.length === 0 ? ' ' : `(${values.join(' ')})`;
}

/** For a specification of `_arguments`, in which these end a part. */
function escaped(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
