import { flag, list, members, number, text, type Described } from '../../body-schema.ts';

const word = members({ confidence: number, startTimeMs: number, offsetMs: number, durationMs: number, word: text });

/** The body of `v2.conversations.{id}.transcription`. Source: `TranscriptionTopicTranscriptionMessage` of `purecloud-platform-client-v2`. */
export const transcription = members({
  eventTime: text,
  organizationId: text,
  conversationId: text,
  communicationId: text,
  sessionStartTimeMs: number,
  transcriptionStartTimeMs: number,
  transcripts: list(
    members({
      utteranceId: text,
      isFinal: flag,
      channel: text,
      alternatives: list(
        members({
          confidence: number,
          offsetMs: number,
          durationMs: number,
          transcript: text,
          words: list(word),
          decoratedTranscript: text,
          decoratedWords: list(word),
        }),
      ),
      agentAssistantId: text,
      engineProvider: text,
      engineId: text,
      engineName: text,
      dialect: text,
      speechTextAnalyticsProgramId: text,
      agentAssistEnabled: flag,
      voiceTranscriptionEnabled: flag,
    }),
  ),
  status: members({ offsetMs: number, status: text }),
  speechTextAnalyticsProgramId: text,
});

/** What was said in a conversation: `transcripts`, each with its alternatives, the likeliest first. Times end in `Ms`. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is shown in messages of the compiler
export interface Transcription extends Described<typeof transcription> {}
