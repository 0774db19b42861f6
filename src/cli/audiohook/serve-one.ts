import { join } from 'node:path';
import { catchError, EMPTY, ignoreElements, merge, Subject, tap, type Observable } from 'rxjs';
import { metrics } from '../../../operators/metrics.ts';
import type { EventEntity } from '../../genesys/audiohook/event-entity.ts';
import type { AudioHookSession } from '../../genesys/audiohook/session.ts';
import { recordSession } from './record-session.ts';
import { sendTranscripts } from './send-transcripts.ts';
import type { ServerTotals } from './server-totals.ts';
import { SessionTally } from './session-tally.ts';

/** What is done with each session, besides counting. */
export interface SessionWishes {
  /** The folder that it is recorded in. */
  readonly record: string | undefined;
  /** Whether transcripts are sent. */
  readonly transcripts: boolean;
}

/**
 * **Counts a session, and records and answers it where that is wished for.** To be subscribed to as soon as it is handed out. Completes when it has
 * ended and its files are closed.
 *
 * @param recordingFailed - told what ended the recording; the session goes on
 */
export function serveOne(
  session: AudioHookSession,
  { record, transcripts }: SessionWishes,
  totals: ServerTotals,
  recordingFailed: (cause: unknown) => void,
): Observable<never> {
  const tally = new SessionTally();
  totals.sessions += 1;
  totals.open.set(session.connectionId, tally);
  const sent$ = new Subject<EventEntity>();

  const counting$ = merge(
    session.frames$.pipe(
      metrics(totals.meter),
      tap((outcome) => tally.outcomes.add(outcome)),
    ),
    session.media$.pipe(tap((frame) => tally.addAudio(frame))),
    session.events$.pipe(tap({ complete: () => totals.add(tally) })),
  );
  const recording$ =
    record === undefined
      ? EMPTY
      : recordSession(session, { path: join(record, fileName(session)), tally, sent$ }).pipe(
          tap({ complete: () => (totals.recorded += 1) }),
          catchError((cause: unknown) => {
            totals.failedRecordings += 1;
            recordingFailed(cause);
            return EMPTY;
          }),
        );
  const answering$ = (transcripts ? sendTranscripts(session) : EMPTY).pipe(
    tap(() => (tally.transcripts += 1)),
    tap(sent$),
  );
  return merge(counting$, recording$, answering$).pipe(ignoreElements());
}

/** When it starts, in the basic form of ISO 8601, which every file system takes; and which it is: a UUID. */
function fileName({ id }: AudioHookSession): string {
  return `${new Date().toISOString().replace(/[-:]/g, '')}-${id}`;
}
