import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './usage-error.ts';

const SECRET_FLAG = /^--?(?:client[-_]?)?(?:secret|password|token)(?:=|$)/i;

/** The flags that were given, by name. */
export type FlagValues<Options extends NonNullable<ParseArgsConfig['options']>> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options; strict: true; allowPositionals: false }>
>['values'];

/**
 * Reads the flags of a command.
 *
 * @throws UsageError where one is not known, or is a secret
 */
export function parseFlags<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
): FlagValues<Options> {
  if (args.some((arg) => SECRET_FLAG.test(arg))) {
    throw new UsageError(
      "a secret can't be given as a flag: every user of this machine could read it in the list of processes. Put it into the environment variable GENESYS_CLIENT_SECRET, or into a file .env in this folder.",
    );
  }
  try {
    return parseArgs({ args: joinNegativeNumbers(args), options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(reason(error as NodeJS.ErrnoException));
  }
}

/** A negative number is the value of the flag before it, though it starts with a dash: so its flag can say what is allowed. */
function joinNegativeNumbers(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const flag = joined.at(-1);
    if (flag !== undefined && /^--[^=]+$/.test(flag) && /^-\.?\d/.test(arg)) joined.splice(-1, 1, `${flag}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}

/** Never a bare argument: it may be a secret in a wrong place. */
function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return 'takes flags only, and got something that is none';
  const ambiguous = /^Option '(--[^']+)' argument is ambiguous/.exec(message)?.[1];
  if (ambiguous !== undefined)
    return `${ambiguous} needs a value; one that starts with a dash is written ${ambiguous}=VALUE`;
  return message.replace(/(?:\. To specify a positional|\n)[^]*$/, '');
}

/** A number among the flags; undefined where it is not given. */
export function numberFlag(
  flag: string,
  text: string | undefined,
  allowed: string,
  isAllowed: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (!isAllowed(value)) throw new UsageError(`${flag} must be ${allowed}, got ${JSON.stringify(text)}`);
  return value;
}

/** A whole number from 1 among the flags; undefined where it is not given. */
export function countFlag(flag: string, text: string | undefined): number | undefined {
  return numberFlag(flag, text, 'a positive integer', (value) => Number.isSafeInteger(value) && value > 0);
}
