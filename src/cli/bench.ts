import { checkFiles } from './arguments/check-files.ts';
import { benchTable } from './bench/bench-table.ts';
import type { CorpusOptions } from './bench/bench-corpus.ts';
import type { BenchWishes } from './bench/bench-pipeline.ts';
import type { Command } from './command.ts';
import { exitCode } from './exit-code.ts';
import { numberFlag, parseFlags, seedFlag, type FlagValues } from './arguments/flags.ts';
import { onStopSignal } from './stop-signal.ts';
import { UsageError } from './arguments/usage-error.ts';

const HELP = `rxframe bench: where the time of the standard pipeline goes, on this machine

Usage
  rxframe bench [flags]

Examples
  rxframe bench                                      five seconds, on frames like those of Genesys Cloud
  rxframe bench --seconds 30                         more rounds, on a machine that is not quiet
  rxframe bench --payload-bytes 10000-20000          on larger updates
  rxframe bench --bad-rate 0.2                       what rejecting costs
  rxframe bench --capture calls.mcap                 on frames that were recorded
  rxframe bench --json | jq '.stages[] | {stage, share}'

Flags
  --seconds N              how many seconds to measure, above 0 and at most 3600; without it: 5
  --payload-bytes MIN-MAX  the size in bytes of an interaction.update, 1 to 5242880; small ones are frequent;
                           without it: 300-4096
  --bad-rate SHARE         the share of faulty frames, 0 to 1; without it: 0.01
  --seed N                 what the frames are made from, 0 to 4294967295: the same seed, the same bytes; without it: 1
  --capture FILE           on the first frames of a capture, at most 10,000, or 64 MiB; in place of made ones
  --json                   one object of JSON on stdout
  -h, --help               this text

The frames are made, or read, before, in memory. Made ones are 70 % interaction.update, 25 % telephony.media, 5 %
keepalive. There is no socket and no audit log in it, on one thread: what is measured is what the stages cost.

How to read it
  A stage's time is the difference that it makes: each round runs the pipeline once without stages (receipt: making the
  frames), once with size-gate, once with size-gate and decode, and so on, in another order each time. The figure is the
  difference of two medians; the quartiles are those of the difference, round by round. Where they lie far apart, or on
  both sides of 0, the machine was busy, or the stage is too cheap to be seen: measure longer. A time below 0 is noise.
  decode has the UTF-8 check and JSON.parse, which no client is spared. checksum has SHA-256 where a frame has a digest.
  A rejected frame costs nothing in the stages after the one that rejected it.
  Bytes allocated are those on the heap of JavaScript, counted, of which JSON.parse has the most.

SIGINT (Ctrl-C), SIGTERM and SIGHUP end it after the round, with what was measured until then. A second signal ends it
at once, with exit code 130, 143 or 129.

Exit codes
  0  done, or stopped
  1  failed
  2  usage
`;

const FLAGS = {
  seconds: { type: 'string' },
  'payload-bytes': { type: 'string' },
  'bad-rate': { type: 'string' },
  seed: { type: 'string' },
  capture: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** The largest frame that the size gate lets through. */
const LARGEST = 5 * 1024 * 1024;

/** **The command `bench`**: measures the standard pipeline, and prints what it found. */
export const bench: Command = { help: HELP, flags: FLAGS, run };

async function run(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, FLAGS);
  const wishes = benchWishes(flags);
  if ('capture' in wishes.frames) await checkFiles([wishes.frames.capture]);
  const stop = new AbortController();
  onStopSignal(() => stop.abort());
  process.stderr.write(`measuring for ${wishes.seconds} s\n`);

  // Imported only now: neither --help nor a wrong flag waits for the library to load.
  const { benchPipeline } = await import('./bench/bench-pipeline.ts');
  const result = await benchPipeline({ ...wishes, stopped: stop.signal });
  process.stdout.write(`${flags.json === true ? JSON.stringify(result) : benchTable(result)}\n`);
  return exitCode.done;
}

function benchWishes(flags: FlagValues<typeof FLAGS>): Omit<BenchWishes, 'stopped'> {
  const isTime = (value: number) => value > 0 && value <= 3_600;
  const isShare = (value: number) => value >= 0 && value <= 1;
  const seconds = numberFlag('--seconds', flags.seconds, 'a number above 0 and at most 3600', isTime) ?? 5;
  const { capture } = flags;
  if (capture !== undefined) {
    const other = (['payload-bytes', 'bad-rate', 'seed'] as const).find((name) => flags[name] !== undefined);
    if (other !== undefined) throw new UsageError(`--${other} is for made frames, and doesn't go with --capture`);
    return { seconds, frames: { capture } };
  }
  const frames = {
    badRate: numberFlag('--bad-rate', flags['bad-rate'], 'a number from 0 to 1', isShare) ?? 0.01,
    seed: seedFlag('--seed', flags.seed) ?? 1,
    payloadBytes: payloadBytes(flags['payload-bytes'] ?? '300-4096'),
  };
  return { seconds, frames };
}

function payloadBytes(text: string): CorpusOptions['payloadBytes'] {
  const [, min, max] = (/^(\d+)-(\d+)$/.exec(text) ?? []).map(Number);
  if (min === undefined || max === undefined || min < 1 || max < min || max > LARGEST) {
    throw new UsageError(
      `--payload-bytes must be two integers MIN-MAX from 1 to ${LARGEST}, such as 300-4096, got ${JSON.stringify(text)}`,
    );
  }
  return { min, max };
}
