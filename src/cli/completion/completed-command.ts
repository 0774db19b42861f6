import { regions } from '../../genesys/regions.ts';
import type { Command } from '../command.ts';

/** What may follow a flag, or a command: names of files, of folders, or one of these words. */
export type Completion = 'files' | 'folders' | readonly string[];

/** A flag, as a shell completes it. */
export interface CompletedFlag {
  /** Without the dashes. */
  readonly name: string;
  readonly description: string;
  /** What stands for its value in the help; undefined where it has none. */
  readonly value: string | undefined;
  readonly values: Completion;
  readonly isRepeatable: boolean;
}

/** A command, as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly CompletedFlag[];
  /** What may come first after it, besides flags. */
  readonly words: readonly string[];
  readonly takesFiles: boolean;
}

/** A line of a help that begins with a flag: its name, what stands for its value, and what it does, which may be on the next line. */
const FLAG_LINE = /^ {2}(?:-h, )?--([\w-]+)(?: (\S+))?\s{2,}(\S.*)$/gm;
/** What every command takes. */
const EVERYWHERE = { 'no-color': { type: 'boolean' }, help: { type: 'boolean' } } as const;

/** **What shells complete after the name of a command**: read from its table of flags, and from its help. */
export function completedCommand(name: string, { help, flags }: Command): CompletedCommand {
  const lines = new Map([...help.matchAll(FLAG_LINE)].map(([, flag = '', ...rest]) => [flag, rest]));
  const usage = /\nUsage\n([^]*?)\n\n/.exec(help)?.[1]?.split('\n') ?? [];
  const operands = usage.map((line) => line.trim().split(' ').slice(2));
  return {
    name,
    description: /: (.*)/.exec(help)?.[1] ?? '',
    flags: Object.entries<Command['flags'][string]>({ ...flags, ...EVERYWHERE }).map(([flag, { type, multiple }]) => {
      const [value = 'VALUE', description = ''] = lines.get(flag) ?? [];
      return {
        name: flag,
        description: clause(description),
        value: type === 'string' ? value : undefined,
        values: completionOf(value),
        isRepeatable: multiple === true,
      };
    }),
    words: [...new Set(operands.flatMap(([first = '']) => wordsIn(first)))],
    takesFiles: operands.flat().some((operand) => operand.startsWith('FILE')),
  };
}

function completionOf(value: string): Completion {
  if (value === 'FILE') return 'files';
  if (value === 'DIR') return 'folders';
  return value === 'REGION' ? Object.keys(regions) : wordsIn(value);
}

/** What is to be typed as it stands, as in `bash|zsh|fish`: it is in small letters. */
function wordsIn(operand: string): readonly string[] {
  return operand.split('|').filter((word) => /^[a-z][a-z-]*$/.test(word));
}

/** The first clause of what a flag does, without the variable that stands behind it. */
function clause(text: string): string {
  return text.replace(/(?:;| {2,}).*$/, '');
}
