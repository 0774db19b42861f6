import { createHash } from 'node:crypto';
import { keepLast } from '../keep-last.ts';
import type { CallResult } from './call-result.ts';
import { beginningOf } from './server-message.ts';

/** How many entities and errors are kept. */
const KEPT = 100;

/** The longest entity that is kept, in characters of JSON. */
const LONGEST_ENTITY = 16 * 1024;

/** An entity, or what it was where it is too long to be kept. */
function kept(entity: { readonly type: string }): unknown {
  const { length } = JSON.stringify(entity);
  if (length <= LONGEST_ENTITY) return entity;
  return { type: beginningOf(entity.type), leftOut: `${length} characters of JSON` };
}

/** Takes note of what a session sends and gets. */
export interface SessionRecord {
  /** Audio was sent, so many samples of each channel. */
  addAudio(data: Uint8Array, samples: number): void;
  addEvent(entities: readonly { readonly type: string }[]): void;
  addError(code: number, message: string): void;
  /** All of it, once, at the end. `discardedSamples` were not sent. */
  close(discardedSamples: number): Pick<CallResult, 'audio' | 'sha256' | 'events' | 'errors'>;
}

/** **Keeps the books of one session**, in bounded memory: audio as counts and a digest. */
export function sessionRecord(): SessionRecord {
  const hash = createHash('sha256');
  const audio = { messages: 0, bytes: 0, samples: 0 };
  const events = { transcripts: 0, others: 0 };
  const lastEvents = keepLast<unknown>(KEPT);
  const errors = keepLast<CallResult['errors'][number]>(KEPT);
  return {
    addAudio: (data, samples) => {
      hash.update(data);
      audio.messages += 1;
      audio.bytes += data.length;
      audio.samples += samples;
    },
    addEvent: (entities) => {
      for (const entity of entities) {
        if (entity.type === 'transcript') events.transcripts += 1;
        else events.others += 1;
        lastEvents.add(kept(entity));
      }
    },
    addError: (code, message) => errors.add({ code, message }),
    close: (discardedSamples) => ({
      audio: { ...audio, discardedSamples },
      sha256: hash.digest('hex'),
      events: { ...events, last: lastEvents.list() },
      errors: errors.list(),
    }),
  };
}
