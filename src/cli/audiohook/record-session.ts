import { basename } from 'node:path';
import { combineLatest, defaultIfEmpty, filter, map, merge, ReplaySubject, share, take, type Observable } from 'rxjs';
import { isoTime } from '../../../operators/audit-record.ts';
import { base64 } from '../../../operators/base64.ts';
import { isRejected, type RejectedFrame } from '../../../operators/frame.ts';
import type { AudioHookFrame, ControlFrame } from '../../genesys/audiohook/audio-hook-frame.ts';
import type { EventEntity } from '../../genesys/audiohook/event-entity.ts';
import { fillGaps } from '../../genesys/audiohook/fill-gaps.ts';
import type { AudioHookSession, SessionEnd, SessionEvent } from '../../genesys/audiohook/session.ts';
import { writeWav, type WavFile } from '../../genesys/audiohook/write-wav.ts';
import { terminalJsonOr } from '../terminal/terminal-json-or.ts';
import { terminalJson } from '../terminal/terminal-text.ts';
import type { SessionTally } from './session-tally.ts';
import { writeNdjson } from './write-ndjson.ts';

/** The longest gap that silence is put in for, in milliseconds: half an hour, 29 MB of PCMU. A longer one is in the NDJSON only. */
const LONGEST_GAP = 1_800_000;

/** What {@link recordSession} needs besides the session. */
export interface RecordingParts {
  /** Of the two files, without `.wav` and `.ndjson`. */
  readonly path: string;
  readonly tally: SessionTally;
  /** What is sent to the client. Completes with the session's audio. */
  readonly sent$: Observable<EventEntity>;
}

/**
 * **Records a session: its audio as WAV, all else as NDJSON.** To be subscribed to as soon as the session is handed out. Completes when both files
 * are closed; fails with what ended the recording, of both.
 *
 * Silence stands in the WAV where audio was discarded, the stream was paused, or it was lost, so that a time in the file is the time in the stream.
 * A session without audio has no WAV.
 */
export function recordSession(session: AudioHookSession, { path, tally, sent$ }: RecordingParts): Observable<never> {
  const gaps = { count: 0, samples: 0 };
  const countGap = ({ samples }: { readonly samples: number }) => {
    gaps.count += 1;
    gaps.samples += samples;
  };
  const wav$ = session.media$.pipe(
    fillGaps({ longest: LONGEST_GAP, gaps: { next: countGap } }),
    writeWav(`${path}.wav`, { flow: session.flow }),
    defaultIfEmpty(undefined),
    share({ connector: () => new ReplaySubject(1) }),
  );
  const ended$ = session.events$.pipe(filter(isEnd));
  return merge(
    // It starts with the first message: the one that opened it, or one before that.
    session.frames$.pipe(
      take(1),
      map(({ timestamp }) => terminalJson(startRecord(session, timestamp))),
    ),
    session.frames$.pipe(filter(isNoAudio), map(frameLine)),
    sent$.pipe(map((entity) => terminalJson({ ...now(), type: 'sent', entity }))),
    combineLatest([ended$, wav$]).pipe(
      map(([{ how, closeCode, disconnect }, wav]) =>
        terminalJson({
          ...now(),
          type: 'end',
          how,
          closeCode,
          disconnect: disconnect ?? null,
          durationMs: Math.round(performance.now() - tally.startedAt),
          position: session.position,
          audio: { messages: tally.audioMessages, bytes: tally.audioBytes, samples: tally.audioSamples },
          gaps,
          rejected: tally.outcomes.rejected,
          wav: wavRecord(wav),
        }),
      ),
    ),
  ).pipe(writeNdjson(`${path}.ndjson`));
}

function now(): { readonly timestamp: string } {
  return { timestamp: isoTime(Date.now()) };
}

function startRecord(session: AudioHookSession, timestamp: number): object {
  const { id, organizationId, correlationId, conversationId, participant, language, media } = session;
  return {
    timestamp: isoTime(timestamp),
    type: 'start',
    sessionId: id,
    organizationId,
    correlationId,
    conversationId,
    participantId: participant.id,
    language: language ?? null,
    media: media ?? null,
  };
}

function isNoAudio(outcome: AudioHookFrame | RejectedFrame): outcome is ControlFrame | RejectedFrame {
  return isRejected(outcome) || outcome.payloadType !== 'audio';
}

function frameLine(outcome: ControlFrame | RejectedFrame): string {
  const timestamp = isoTime(outcome.timestamp);
  if (!isRejected(outcome)) {
    const line = { timestamp, type: 'received' };
    return terminalJsonOr({ ...line, message: outcome.decodedData }, () => ({
      ...line,
      data: base64(outcome.rawData),
    }));
  }
  const { sequence, isBinary, byteLength, stage, reason, issues } = outcome;
  return terminalJson({ timestamp, type: 'rejected', sequence, isBinary, byteLength, stage, reason, issues });
}

function isEnd(event: SessionEvent): event is SessionEnd {
  return event.type === 'ended';
}

function wavRecord(wav: WavFile | undefined): object | null {
  if (wav === undefined) return null;
  const { path, format, channels, samples, bytes } = wav;
  return { file: basename(path), format, channels, samples, bytes };
}
