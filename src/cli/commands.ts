import { audiohook } from './audiohook.ts';
import { audit } from './audit.ts';
import { bench } from './bench.ts';
import { channels } from './channels.ts';
import type { Command } from './command.ts';
import { completion } from './completion.ts';
import { consume } from './consume.ts';
import { doctor } from './doctor.ts';
import { ingest } from './ingest.ts';
import { listen } from './listen.ts';
import { record } from './record.ts';
import { replay } from './replay.ts';
import { simulateAudiohook } from './simulate-audiohook.ts';
import { simulate } from './simulate.ts';
import { topics } from './topics.ts';

/** The commands that there are, by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  listen,
  record,
  replay,
  ingest,
  consume,
  doctor,
  topics,
  channels,
  audiohook,
  audit,
  simulate,
  'simulate-audiohook': simulateAudiohook,
  bench,
  completion,
};
