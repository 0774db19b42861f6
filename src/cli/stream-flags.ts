import { LONGEST_DELAY } from '../../operators/options.ts';
import { countFlag, numberFlag, type FlagValues } from './flags.ts';
import type { StreamWishes } from './stream-outcomes.ts';
import { UsageError } from './usage-error.ts';

/** The flags that say what is to be done with a stream, wherever it is from. */
export const STREAM_FLAGS = {
  json: { type: 'boolean' },
  data: { type: 'boolean' },
  'audit-file': { type: 'string' },
  'max-frames': { type: 'string' },
  duration: { type: 'string' },
} as const;

/** Their part of a help text. */
export const STREAM_HELP = `What to do
  --json                 one line of JSON for each outcome, on stdout; all else on stderr
  --data                 with --json: the payload too, as decoded JSON, or as base64
  --audit-file FILE      append one audit record for each outcome
  --max-frames N         end after N outcomes
  --duration SECONDS     end after this time
  -h, --help             this text

A line of JSON has connectionId, sequence, frameId, outcome (accepted or rejected), payloadType (null where it is not
known), byteLength, checksum (pass, fail or none), latencyMs, timestamp; a rejected one also stage, reason and issues;
with --data all have data.`;

/** How a stream ends, and with which exit codes: for a help text. */
export const STREAM_END_HELP = `SIGINT (Ctrl-C) and SIGTERM stop it in order: what was received is written, the audit log flushed, the summary printed.
A reader that has not taken all of stdout after 5 s is given up. A second signal ends it at once, with exit code 130 or 143.`;

/** The longest time that timers take, in seconds. */
const LONGEST_DURATION = Math.floor(LONGEST_DELAY / 1_000);

/**
 * What is wished for, by the flags.
 *
 * @throws UsageError where a flag is not usable
 */
export function streamWishes(flags: FlagValues<typeof STREAM_FLAGS>): StreamWishes {
  const json = flags.json === true;
  const data = flags.data === true;
  if (data && !json) throw new UsageError('--data goes with --json');
  return {
    json,
    data,
    auditFile: flags['audit-file'],
    maxFrames: countFlag('--max-frames', flags['max-frames']),
    duration: numberFlag(
      '--duration',
      flags.duration,
      `a number of seconds above 0 and at most ${LONGEST_DURATION}`,
      (value) => value > 0 && value <= LONGEST_DURATION,
    ),
    companions: [],
  };
}
