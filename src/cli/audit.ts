import type { Command } from './command.ts';
import { exitCode } from './exit-code.ts';
import { didYouMean } from './arguments/did-you-mean.ts';
import { parseWords } from './arguments/flags.ts';
import { UsageError } from './arguments/usage-error.ts';

const HELP = `rxframe audit: checks an audit log that was written with --audit-chain

Usage
  rxframe audit verify FILE... [flags]

Examples
  rxframe listen --simulate --audit-file audit.ndjson --audit-chain --max-frames 1000
  rxframe audit verify audit.ndjson                  whole, or what was changed, and where
  rxframe audit verify audit.ndjson --expect HASH    with a hash that was kept: nothing up to it is cut off
  rxframe audit verify audit*.ndjson                 all files of a log that was rotated, in any order
  rxframe audit verify audit.ndjson --part           one of them alone
  rxframe audit verify audit.ndjson --json | jq .faults

Finds records that were changed, removed, moved or repeated, with file, line and offset in bytes, and goes on after
each: 100 are listed, all are counted. The log may be of any size; on a terminal there is a live line.

Flags
  --expect HASH          of a record that has to be there: the last hash that a run told on stderr, or
                         an earlier verify, kept elsewhere.
                         Without it nobody can tell that the end was cut off, or that all was written anew
  --part                 the log need not begin with its first record: earlier files are deleted, or not given
  --json                 one object of JSON on stdout
  -h, --help             this text

Exit codes
  0  whole
  1  faults, or a file can't be read
  2  usage; no record is chained; or several of which one is a stream
`;

const FLAGS = { expect: { type: 'string' }, part: { type: 'boolean' }, json: { type: 'boolean' } } as const;

/** **The command `audit`**: verifies audit logs. */
export const audit: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const { flags, words } = parseWords(args, FLAGS);
  const [action, ...files] = words;
  if (action === undefined) throw new UsageError('says what to do: verify');
  if (action !== 'verify') {
    throw new UsageError(
      `does not take ${JSON.stringify(action)}${didYouMean(action, ['verify'])}; it says what to do: verify`,
    );
  }
  if (files.length === 0) throw new UsageError('verify takes the files of a log');
  const { expect } = flags;
  if (expect !== undefined && !/^[0-9a-f]{64}$/.test(expect)) {
    throw new UsageError(`--expect must be 64 hexadecimal digits in lower case, got ${JSON.stringify(expect)}`);
  }
  const wishes = { expect, part: flags.part === true, json: flags.json === true };
  // Imported only now: neither --help nor a wrong flag waits for the library to load.
  const isWhole = await (await import('./audit/audit-verify.ts')).auditVerify(files, wishes);
  return isWhole ? exitCode.done : exitCode.failed;
}
