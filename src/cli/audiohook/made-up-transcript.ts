import { randomUUID } from 'node:crypto';
import type { TranscriptEntity } from '../../genesys/audiohook/event-entity.ts';
import { streamDuration } from '../../genesys/audiohook/stream-duration.ts';
import type { Utterance } from './voice-activity.ts';

/** What is "heard", over and over. */
const WORDS = ['these', 'words', 'are', 'made', 'up'];
/** How long a word lasts at most, in samples: 400 ms. */
const WORD_SAMPLES = 3_200;
/** Words of an utterance; one that is too long for them has longer words. So its message stays well below the 64 KiB that are allowed. */
const MAX_WORDS = 100;
const CONFIDENCE = 0.9;

/**
 * **A transcript that makes the words up**: well formed, and final, of an utterance of which only the times are known. The words
 * fill it, one after the other.
 *
 * @param channelId - the place of its channel among the session's
 * @param language - that the transcript says it is in; undefined where it says nothing of it
 */
export function madeUpTranscript(
  { position, samples }: Utterance,
  channelId: 0 | 1,
  language: string | undefined,
): TranscriptEntity {
  const count = Math.min(MAX_WORDS, Math.ceil(samples / WORD_SAMPLES));
  const values = Array.from({ length: count }, (_, index) => WORDS[index % WORDS.length] as string);
  const edge = (index: number) => position + Math.round((index / count) * samples);
  return {
    type: 'transcript',
    data: {
      id: randomUUID(),
      channelId,
      isFinal: true,
      offset: streamDuration(position),
      duration: streamDuration(samples),
      alternatives: [
        {
          confidence: CONFIDENCE,
          ...(language !== undefined && { languages: [language] }),
          interpretations: [
            {
              type: 'display',
              transcript: values.join(' '),
              tokens: values.map((value, index) => ({
                type: 'word',
                value,
                confidence: CONFIDENCE,
                offset: streamDuration(edge(index)),
                duration: streamDuration(edge(index + 1) - edge(index)),
              })),
            },
          ],
        },
      ],
    },
  };
}
