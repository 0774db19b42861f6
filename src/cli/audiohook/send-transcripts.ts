import { Observable } from 'rxjs';
import type { TranscriptEntity } from '../../genesys/audiohook/event-entity.ts';
import type { AudioHookSession } from '../../genesys/audiohook/session.ts';
import { transcriptStub } from './transcript-stub.ts';

/**
 * **Sends the client a made-up transcript of each utterance**, and emits those that were sent. What is under way is sent before a pause, another
 * language, and the end: an utterance that the close cuts short still comes before `closed`. Completes with the session's audio.
 */
export function sendTranscripts(session: AudioHookSession): Observable<TranscriptEntity> {
  return new Observable((subscriber) => {
    let stub = transcriptStub({ language: session.language });
    let isLost = true;
    const send = (transcripts: readonly TranscriptEntity[]) => {
      for (const transcript of transcripts) if (session.sendEvent(transcript)) subscriber.next(transcript);
    };
    subscriber.add(
      session.events$.subscribe(({ type }) => {
        if (type === 'closing') isLost = false;
        if (type !== 'paused' && type !== 'updated') return;
        send(stub.end());
        stub = transcriptStub({ language: session.language });
      }),
    );
    subscriber.add(
      session.media$.subscribe({
        next: (frame) => send(stub.hear(frame)),
        complete: () => {
          // Where the connection is gone, nobody hears it.
          if (!isLost) send(stub.end());
          subscriber.complete();
        },
      }),
    );
  });
}
