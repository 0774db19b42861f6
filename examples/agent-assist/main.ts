// Live audio in, suggestions for the agent out. What understands speech and what writes suggestions are stubs.
import { audioHook, regroup, splitChannels, toL16, type AudioHookSession } from 'rxframe/genesys';
import { isRejected, processWith } from 'rxframe/operators';
import { callAudioHook, speechLikeSource } from 'rxframe/simulator';
import { filter, firstValueFrom, mergeMap, ReplaySubject, scan, switchMap, tap, type Observable } from 'rxjs';
import { recogniser, suggest } from './stubs.ts';

/** The suggestions for one conversation: each is dropped, half-written or not, when the customer says something new. */
function assist(session: AudioHookSession): Observable<string> {
  const said$ = session.media$.pipe(
    splitChannels(),
    filter(({ channels }) => channels[0] === 'external'),
    toL16(),
    regroup({ duration: 1_000 }),
    // Every second of it, in order: where the recogniser is behind, the client is asked to pause.
    processWith(recogniser(), { flow: session.flow, highWaterMark: 8 }),
    filter((text): text is string => !isRejected(text) && text !== ''),
    tap((text) => console.log('customer:', text)),
  );
  return said$.pipe(
    scan((said: readonly string[], text) => [...said, text].slice(-20), []),
    // Only the newest matters.
    switchMap(suggest),
    tap((suggestion) => session.sendEvent({ type: 'agentassist', data: { suggestion } })),
    session.holdOpen(),
  );
}

const credentials = { apiKey: 'example', clientSecret: 'c2VjcmV0' };
const url$ = new ReplaySubject<string>(1);
let onScreen = '';
const server = audioHook({
  port: 0,
  credentials: [credentials],
  notices: { next: (notice) => notice.type === 'listening' && url$.next(notice.url) },
})
  .pipe(mergeMap(assist))
  .subscribe((suggestion) => (onScreen = suggestion));

// Plays Genesys Cloud: a call of 20 s, at twenty times the pace of speech.
const url = await firstValueFrom(url$);
const [call] = await callAudioHook({ ...credentials, url, duration: 20_000, pace: 20, source: speechLikeSource() })
  .results;
server.unsubscribe();
console.log('on the screen at last:', onScreen);
console.log(call?.outcome, (call?.events.others ?? 0) > 0 ? 'with suggestions received' : 'with nothing received');
