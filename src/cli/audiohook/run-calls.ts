import { statSync } from 'node:fs';
import { firstValueFrom, from, map, merge, switchMap, take, timer } from 'rxjs';
import {
  callAudioHook,
  speechLikeSource,
  wavSource,
  type AudioHookCallOptions,
  type AudioSource,
} from '../../simulator/index.ts';
import { exitCode } from '../exit-code.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { asUsage } from './as-usage.ts';
import { callLines } from './call-lines.ts';
import { callStatus } from './call-status.ts';
import { callTable } from './call-table.ts';
import { drawStatus } from './draw-status.ts';
import type { Credentials } from './read-credentials.ts';
import { stderrLine } from './stderr-line.ts';

/** What {@link runCalls} is to do. */
export interface CallWishes extends Required<
  Pick<AudioHookCallOptions, 'url' | 'sessions' | 'pace' | 'probe' | 'startOver'>
> {
  readonly credentials: Credentials;
  /** Undefined: one made up. */
  readonly organizationId: string | undefined;
  /** In milliseconds; undefined: that of the WAV file, or the default. */
  readonly duration: number | undefined;
  readonly frameDuration: number | undefined;
  readonly language: string | undefined;
  /** The path of the WAV file that is said; undefined: sounds with the rhythm of speech. */
  readonly wav: string | undefined;
  /** One line of JSON for each session, and one for the totals, on stdout. */
  readonly json: boolean;
}

/** How long servers have to close after a signal, in milliseconds: less than stopping may take. */
const STOP_TIMEOUT = 7_000;

/**
 * **Calls an AudioHook server**, prints what came of it, and gives the exit code.
 *
 * @param stopped - resolves when it is to stop
 * @throws UsageError where a wish is not allowed
 */
export async function runCalls(wishes: CallWishes, stopped: Promise<void>): Promise<number> {
  const { json, sessions } = wishes;
  const view = stderrLine(json);
  const source = sourceOf(wishes.wav);
  const calls = asUsage(optionNames(wishes.credentials), () => callAudioHook(callOptions(wishes, source)));
  const start = performance.now();
  const drawing = drawStatus(view, () => callStatus(calls.totals, sessions, performance.now() - start));
  const givenUp$ = from(stopped).pipe(
    switchMap(() => {
      void calls.stop();
      return timer(STOP_TIMEOUT);
    }),
    map(() => undefined),
  );
  const results = await firstValueFrom(merge(from(calls.results), givenUp$).pipe(take(1)));
  const elapsed = performance.now() - start;
  drawing.unsubscribe();
  if (results === undefined) {
    process.stderr.write(`${calls.totals.sessions.open} sessions were not closed within ${STOP_TIMEOUT / 1_000} s\n`);
    return exitCode.failed;
  }
  process.stdout.write(`${(json ? callLines : callTable)(results, calls.totals, elapsed)}\n`);
  return results.every(({ outcome }) => outcome === 'closed') ? exitCode.done : exitCode.failed;
}

function sourceOf(wav: string | undefined): AudioSource {
  if (wav === undefined) return speechLikeSource();
  try {
    // Another, such as a device, may have no end.
    if (!statSync(wav).isFile()) throw new UsageError(`--wav: ${JSON.stringify(wav)} is no regular file`);
    return asUsage({ 'wavSource: path': '--wav', wavSource: '--wav' }, () => wavSource(wav));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`--wav: ${JSON.stringify(wav)} can't be read (${code ?? 'unknown error'})`, { cause: error });
  }
}

/** Where each option came from, for messages. */
function optionNames({ apiKeyFrom, clientSecretFrom }: Credentials): Readonly<Record<string, string>> {
  return {
    'callAudioHook: url': 'the address',
    'callAudioHook: apiKey': apiKeyFrom,
    'callAudioHook: clientSecret': clientSecretFrom,
    'callAudioHook: organizationId': '--organization',
    'callAudioHook: language': '--language',
  };
}

function callOptions(wishes: CallWishes, source: AudioSource): AudioHookCallOptions {
  const { url, sessions, pace, probe, startOver, credentials, duration, frameDuration, language, organizationId } =
    wishes;
  const { apiKey, clientSecret } = credentials;
  return {
    url,
    sessions,
    pace,
    probe,
    startOver,
    source,
    apiKey,
    ...(clientSecret !== undefined && { clientSecret }),
    ...(duration !== undefined && { duration }),
    ...(frameDuration !== undefined && { frameDuration }),
    ...(language !== undefined && { language }),
    ...(organizationId !== undefined && { organizationId }),
  };
}
