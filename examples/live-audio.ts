// The live audio of conversations: each into a WAV file, and a finding sent back for each second that somebody spoke.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  audioHook,
  fillGaps,
  int16,
  regroup,
  splitChannels,
  streamDuration,
  toL16,
  type AudioFrame,
} from 'rxframe/genesys';
import { writeWav } from 'rxframe/node';
import { callAudioHook, speechLikeSource } from 'rxframe/simulator';
import { filter, firstValueFrom, ignoreElements, merge, mergeMap, ReplaySubject, take, tap } from 'rxjs';

const folder = await mkdtemp(join(tmpdir(), 'live-audio-'));
const credentials = { apiKey: 'example', clientSecret: 'c2VjcmV0' };
const url$ = new ReplaySubject<string>(1);

const isLoud = (frame: AudioFrame) => int16(frame).some((level) => Math.abs(level) > 2_000);

// Ends with the second recording.
const recorded = audioHook({
  port: 0,
  credentials: [credentials],
  notices: { next: (notice) => notice.type === 'listening' && url$.next(notice.url) },
})
  .pipe(
    mergeMap(({ connectionId, media$, flow, sendEvent }) => {
      const recording$ = media$.pipe(fillGaps(), writeWav(join(folder, `${connectionId}.wav`), { flow }));
      const findings$ = media$.pipe(
        splitChannels(),
        toL16(),
        regroup({ duration: 1_000 }),
        filter(isLoud),
        tap(({ channels, position }) => sendEvent({ type: 'spoke', data: { channels, at: streamDuration(position) } })),
        ignoreElements(),
      );
      return merge(recording$, findings$);
    }),
    take(2),
  )
  .forEach(({ samples, channels }) => console.log(`${samples / 8_000} s of ${channels.join(' and ')} recorded`));

// Plays Genesys Cloud: two calls of 20 s at twenty times the pace of speech, with a hole of 2 s.
const calls = callAudioHook({
  ...credentials,
  url: await firstValueFrom(url$),
  sessions: 2,
  duration: 20_000,
  pace: 20,
  source: speechLikeSource(),
  script: [{ at: 5_000, do: 'discard', for: 2_000 }],
});
await recorded;
for (const { outcome, audio, events } of await calls.results) {
  console.log(outcome, audio.samples / 8_000, 's sent,', events.others > 0 ? 'findings' : 'nothing', 'received');
}
await rm(folder, { recursive: true });
