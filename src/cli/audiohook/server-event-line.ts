import { isoTime } from '../../../operators/audit-record.ts';
import type { SessionEnd } from '../../genesys/audiohook/session.ts';
import { counted } from '../terminal/counted.ts';
import { messageOf } from '../terminal/message-of.ts';
import { terminalJson } from '../terminal/terminal-text.ts';
import { secondsOf } from './seconds-of.ts';
import type { ServerEvent } from './server-event.ts';
import type { SessionTally } from './session-tally.ts';

/** **An event of the server as one line for people**, without the time. */
export function serverEventLine(event: ServerEvent): string {
  switch (event.type) {
    case 'listening':
      return `listening on ${event.url}`;
    case 'refused': {
      const { status, reason, address, cause } = event;
      return `refused ${status === undefined ? '' : `${status} `}${reason}, from ${address ?? 'an address that is gone'}${cause === undefined ? '' : `: ${cause}`}`;
    }
    case 'more-refused':
      return `refused ${event.count} more`;
    case 'opened': {
      const { id, isProbe, organizationId, conversationId, language } = event.session;
      if (isProbe) return `probe ${id} of organization ${organizationId}`;
      const audio = event.media === undefined ? 'no audio' : `${event.media.format} ${event.media.channels.join('+')}`;
      const facts = [`organization ${organizationId}`, `conversation ${conversationId}`, audio, language];
      return `opened ${id}: ${facts.filter((fact) => fact !== undefined).join(', ')}`;
    }
    case 'ended': {
      const { sessionId, end, received } = event;
      if (received === undefined) return `ended ${sessionId}, ${endInWords(end)}`;
      const seconds = ((performance.now() - received.startedAt) / 1_000).toFixed(1);
      return `ended ${sessionId} after ${seconds} s, ${endInWords(end)}: ${receivedInWords(received)}`;
    }
    case 'failed':
      return `FAILED ${event.sessionId}: ${messageOf(event.cause)}`;
    case 'stopping':
      return event.sessions === 0 ? 'stopping' : `stopping, with ${counted(event.sessions, 'session')} to be closed`;
  }
}

/** **An event of the server as one line of JSON**: `event` is its type, times are in ISO 8601 and milliseconds, `cause` is a message. */
export function serverEventJson(event: ServerEvent, now: number): string {
  return terminalJson({ event: event.type, timestamp: isoTime(now), ...facts(event) });
}

function endInWords({ how, closeCode, disconnect }: SessionEnd): string {
  if (disconnect === undefined) return how === 'closed' ? how : `${how} (${closeCode})`;
  return `disconnected (${disconnect.reason}${disconnect.info === undefined ? '' : `: ${disconnect.info}`})`;
}

function receivedInWords(tally: SessionTally): string {
  const { audioMessages, audioBytes, audioSamples, missingSamples, transcripts, outcomes } = tally;
  return [
    `${secondsOf(audioSamples)} of audio in ${counted(audioMessages, 'message')}, ${counted(audioBytes, 'byte')}`,
    ...(missingSamples === 0 ? [] : [`${secondsOf(missingSamples)} missing`]),
    ...(transcripts === 0 ? [] : [counted(transcripts, 'transcript')]),
    `${outcomes.rejected} of ${counted(outcomes.received, 'message')} rejected`,
  ].join(', ');
}

function facts(event: ServerEvent): object {
  switch (event.type) {
    case 'listening':
      return { url: event.url };
    case 'refused': {
      const { status, reason, address, cause } = event;
      return { status: status ?? null, reason, address: address ?? null, ...(cause !== undefined && { cause }) };
    }
    case 'more-refused':
      return { count: event.count };
    case 'opened': {
      const { id, isProbe, organizationId, correlationId, conversationId, participant, language } = event.session;
      return {
        sessionId: id,
        isProbe,
        organizationId,
        correlationId,
        conversationId,
        participantId: participant.id,
        language: language ?? null,
        media: event.media ?? null,
      };
    }
    case 'ended': {
      const { sessionId, end, received } = event;
      const { how, closeCode, disconnect } = end;
      return {
        sessionId,
        how,
        closeCode,
        ...(disconnect !== undefined && { disconnect }),
        ...(received !== undefined && receivedFacts(received)),
      };
    }
    case 'failed':
      return { sessionId: event.sessionId, cause: messageOf(event.cause) };
    case 'stopping':
      return { sessions: event.sessions };
  }
}

function receivedFacts(tally: SessionTally): object {
  const { startedAt, audioMessages, audioBytes, audioSamples, position, transcripts, outcomes } = tally;
  const { received, accepted, rejected, byReason } = outcomes;
  return {
    durationMs: Math.round(performance.now() - startedAt),
    audio: { messages: audioMessages, bytes: audioBytes, samples: audioSamples, position },
    transcripts,
    messages: { received, accepted, rejected, byReason: Object.fromEntries(byReason) },
  };
}
