import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { audioHook } from 'rxframe/genesys';
import { writeWav } from 'rxframe/node';
import { Meter, metrics } from 'rxframe/operators';
import { lastValueFrom, map, mergeMap, Subject, takeUntil, toArray } from 'rxjs';
import { settings } from './settings.ts';

/** What the process is to do. */
export interface AudioHookServerTask {
  readonly apiKey: string;
  readonly clientSecret: string;
  /** Where the files go. */
  readonly folder: string;
}

/** What it tells when it listens, and when all is written. */
export type AudioHookServerReport =
  | { readonly url: string }
  | {
      /** SHA-256 of the audio in each file, by session. */
      readonly digests: ReadonlyMap<string, string>;
      readonly rejected: number;
      /** Processor time in seconds, in the kernel too. */
      readonly cpu: number;
      /** The most memory that the process had, in bytes. */
      readonly peakRss: number;
    };

const { apiKey, clientSecret, folder } = settings() as AudioHookServerTask;
const meter = new Meter();
const stop$ = new Subject<void>();
process.on('message', () => stop$.next());

const started = process.cpuUsage();
const files = await lastValueFrom(
  audioHook({
    port: 0,
    credentials: [{ apiKey, clientSecret }],
    notices: { next: (notice) => notice.type === 'listening' && process.send?.({ url: notice.url }) },
  }).pipe(
    // First: the sessions that there are go on to their end.
    // eslint-disable-next-line rxjs-x/no-unsafe-takeuntil -- it is the server that is to stop
    takeUntil(stop$),
    mergeMap((session) =>
      session.media$.pipe(
        metrics(meter),
        writeWav(`${folder}/${session.id}.wav`, { flow: session.flow }),
        map(({ path }) => [session.id, path] as const),
      ),
    ),
    toArray(),
  ),
);
const { user, system } = process.cpuUsage(started);
const peakRss = process.resourceUsage().maxRSS * 1_024;

const digests = new Map<string, string>();
for (const [id, path] of files) {
  const digest = createHash('sha256');
  // Behind the header of μ-law: 12 bytes of RIFF, 26 of fmt, 12 of fact, 8 before the samples.
  for await (const chunk of createReadStream(path, { start: 58 })) digest.update(chunk as Buffer);
  digests.set(id, digest.digest('hex'));
}
const report: AudioHookServerReport = {
  digests,
  rejected: meter.snapshot().rejected,
  cpu: (user + system) / 1e6,
  peakRss,
};
process.send?.(report, () => process.disconnect());
