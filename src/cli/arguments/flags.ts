import { parseArgs, type ParseArgsConfig } from 'node:util';
import { didYouMean } from './did-you-mean.ts';
import { LONGEST_DELAY } from '../../../operators/options.ts';
import { UsageError } from './usage-error.ts';

const SECRET_FLAG = /^--?(?:client[-_]?)?(?:secret|password|token)(?:=|$)/i;

/** The longest time that timers take, in seconds. */
const LONGEST_TIME = Math.floor(LONGEST_DELAY / 1_000);

/** The flags that were given, by name. */
export type FlagValues<Options extends NonNullable<ParseArgsConfig['options']>> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options; strict: true; allowPositionals: true }>
>['values'];

/** Where a secret is read from that was given as a flag. */
type SecretVariable = 'GENESYS_CLIENT_SECRET' | 'AUDIOHOOK_CLIENT_SECRET' | 'NATS_PASSWORD';

/**
 * Reads the flags of a command that takes nothing else.
 *
 * @param secret - the variable that the command reads its secret from
 * @throws UsageError where one is not known, or is a secret
 */
export function parseFlags<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  secret?: SecretVariable,
): FlagValues<Options> {
  const { flags, words } = parseWords(args, options, secret);
  // Not shown: it may be a secret in a wrong place.
  if (words.length > 0) throw new UsageError('takes flags only, and got something that is none');
  return flags;
}

/**
 * Reads the flags of a command, and the words between them.
 *
 * @param secret - the variable that the command reads its secret from
 * @throws UsageError where a flag is not known, or is a secret
 */
export function parseWords<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  secret: SecretVariable = 'GENESYS_CLIENT_SECRET',
): { readonly flags: FlagValues<Options>; readonly words: readonly string[] } {
  if (args.some((arg) => SECRET_FLAG.test(arg))) {
    throw new UsageError(
      `a secret can't be given as a flag: every user of this machine could read it in the list of processes. Put it into the environment variable ${secret}, or into a file .env in this folder.`,
    );
  }
  try {
    const { values, positionals } = parseArgs({
      args: joinNegativeNumbers(args),
      options,
      strict: true,
      allowPositionals: true,
    });
    return { flags: values, words: positionals };
  } catch (error) {
    throw new UsageError(reason(error as NodeJS.ErrnoException, Object.keys(options)));
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

/** What is wrong, in few words. */
function reason({ message }: NodeJS.ErrnoException, known: readonly string[]): string {
  const ambiguous = /^Option '(--[^']+)' argument is ambiguous/.exec(message)?.[1];
  if (ambiguous !== undefined)
    return `${ambiguous} needs a value; one that starts with a dash is written ${ambiguous}=VALUE`;
  const unknown = /^Unknown option '--([^']+)'/.exec(message)?.[1];
  const hint = unknown === undefined ? '' : didYouMean(unknown, [...known, 'help'], '--');
  return message.replace(/(?:\. To specify a positional|\n)[^]*$/, '') + hint;
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

/** A port among the flags; undefined where it is not given. */
export function portFlag(flag: string, text: string | undefined): number | undefined {
  const isPort = (value: number) => Number.isInteger(value) && value >= 0 && value <= 65_535;
  return numberFlag(flag, text, 'an integer from 0 to 65535', isPort);
}

/** A seed among the flags; undefined where it is not given. */
export function seedFlag(flag: string, text: string | undefined): number | undefined {
  const isSeed = (value: number) => Number.isInteger(value) && value >= 0 && value <= 2 ** 32 - 1;
  return numberFlag(flag, text, 'an integer from 0 to 4294967295', isSeed);
}

/** A time in seconds among the flags, as long as timers can wait; undefined where it is not given. */
export function secondsFlag(flag: string, text: string | undefined): number | undefined {
  const isTime = (value: number) => value > 0 && value <= LONGEST_TIME;
  return numberFlag(flag, text, `a number of seconds above 0 and at most ${LONGEST_TIME}`, isTime);
}

/** A time among the flags; undefined where it is not given. */
export function timeFlag(flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  // Without a time of day it would be UTC.
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(time.getTime())) {
    throw new UsageError(`${flag} must be a time in ISO 8601, such as 2026-01-31T12:00Z, got ${JSON.stringify(text)}`);
  }
  return time;
}
