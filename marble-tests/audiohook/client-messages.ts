import { of } from 'rxjs';
import { decode } from '../../operators/decode.ts';
import type { RawFrame, RejectedFrame } from '../../operators/frame.ts';
import { validate } from '../../operators/validate.ts';
import type { AudioHookMessage } from '../../src/genesys/audiohook/audio-hook-frame.ts';
import { audioHookTypes } from '../../src/genesys/audiohook/audio-hook-types.ts';
import type { MediaParameter } from '../../src/genesys/audiohook/media.ts';

export const SESSION = '30b0e395-84d3-4570-ac13-9a62d8f514c0';
export const ORGANIZATION = 'd7934305-0972-4844-938e-9060eef73d05';
export const CORRELATION = 'e160e428-53e2-487c-977d-96989bf5c99d';
export const CONVERSATION = '090eaa2f-72fa-480a-83e0-8667ff89c0ec';
export const SOMEBODY_ELSE = '883efee8-3d6c-4537-b500-6d7ca4b92fa0';
export const NULL_UUID = '00000000-0000-0000-0000-000000000000';

export const STEREO: MediaParameter = { type: 'audio', format: 'PCMU', channels: ['external', 'internal'], rate: 8000 };
export const LINEAR: MediaParameter = { ...STEREO, format: 'L16' };
export const MONO: MediaParameter = { ...STEREO, channels: ['external'] };

/** The parameters of an `open` as the platform sends it. */
export const OPEN = {
  organizationId: ORGANIZATION,
  conversationId: CONVERSATION,
  participant: {
    id: '883efee8-3d6c-4537-b500-6d7ca4b92fa0',
    ani: '+1-555-555-1234',
    aniName: 'John',
    dnis: '+1-800-555-6789',
  },
  media: [STEREO, MONO],
  language: 'en-US',
};

/** Right parameters for each JSON message of a client. */
export const PARAMETERS: Readonly<Record<string, object>> = {
  open: OPEN,
  close: { reason: 'end' },
  ping: { rtt: 'PT0.0437S' },
  paused: {},
  resumed: { start: 'PT1S', discarded: 'PT0.5S' },
  discarded: { start: 'PT1S', discarded: 'PT0.5S' },
  update: { language: 'es-ES' },
  error: { code: 429, message: 'slower', retryAfter: 'PT3S' },
};

/** **A client's message as text**, with right parameters, unless `members` say otherwise. */
export function clientMessage(type: string, seq: number, members: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    version: '2',
    id: SESSION,
    type,
    seq,
    serverseq: 0,
    position: 'PT0S',
    parameters: PARAMETERS[type] ?? {},
    ...members,
  });
}

/** What a session's protocol is given of such a message. */
export function outcomeOf(message: RawFrame): AudioHookMessage | RejectedFrame {
  let result: AudioHookMessage | RejectedFrame | undefined;
  of(message)
    .pipe(decode(audioHookTypes), validate())
    .subscribe((outcome) => (result = outcome));
  return result!;
}
