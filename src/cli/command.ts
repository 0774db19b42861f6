import type { ParseArgsConfig } from 'node:util';

/** **A command of the command line**: what runs it, and what its help and the completion of shells are made from. */
export interface Command {
  /**
   * What `--help` prints: its usage, examples, flags and exit codes. The completion of shells reads the lines of the usage and
   * of the flags in it.
   */
  readonly help: string;
  /** The flags that it takes, besides `--help`. */
  readonly flags: NonNullable<ParseArgsConfig['options']>;
  /**
   * Runs it, and gives the exit code.
   *
   * @throws UsageError where the arguments or the configuration are not usable
   */
  run(this: void, args: readonly string[]): Promise<number>;
}
