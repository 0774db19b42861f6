import { EMPTY, type Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';
import { accepted } from '../../operators/accepted.ts';
import { decode } from '../../operators/decode.ts';
import type { RawFrame, RejectedFrame } from '../../operators/frame.ts';
import { ofType } from '../../operators/of-type.ts';
import { processWith } from '../../operators/process-with.ts';
import { validate } from '../../operators/validate.ts';
import {
  audioHook,
  audioHookTypes,
  type AudioFrame,
  type AudioHookFrame,
  type AudioHookNotice,
  type AudioHookOptions,
  type AudioHookSession,
  type CloseReason,
  type ControlFrame,
  type EventEntity,
  type MediaParameter,
  type OpenParameters,
  type SessionEnd,
  type SessionEvent,
  type TranscriptEntity,
} from '../../src/genesys/index.ts';

declare function use(value: unknown): void;
declare const session: AudioHookSession;
declare const transcript: TranscriptEntity;
const credentials = [{ apiKey: 'key' }];

describe('audioHook', () => {
  it('gives sessions', () => {
    expectTypeOf(audioHook({ port: 0, credentials })).toEqualTypeOf<Observable<AudioHookSession>>();
  });

  it('takes options, and no others', () => {
    const accept: AudioHookOptions['accept'] = ({ offered }) => ({ media: offered[0] });
    audioHook({ port: 0, credentials, accept });
    audioHook({ port: 0, credentials, accept: () => false });
    audioHook({
      port: 0,
      credentials,
      accept: ({ offered: [first] }) => Promise.resolve({ media: first, discardTo: 8 }),
    });
    audioHook({
      port: 0,
      credentials: (apiKey, organizationId) => Promise.resolve(apiKey + organizationId ? {} : undefined),
    });
    audioHook({
      port: 0,
      credentials,
      notices: {
        next: (notice) => {
          expectTypeOf(notice).toEqualTypeOf<AudioHookNotice>();
          if (notice.type === 'refused') expectTypeOf(notice.status).toEqualTypeOf<number | undefined>();
          if (notice.type === 'rejected') expectTypeOf(notice.frame).toEqualTypeOf<RejectedFrame>();
          if (notice.type === 'ended') expectTypeOf(notice.how).toEqualTypeOf<SessionEnd['how']>();
          // @ts-expect-error -- only a refusal has a status
          use(notice.status);
        },
      },
    });
    // @ts-expect-error -- who is let in must be said
    audioHook({ port: 0 });
    // @ts-expect-error -- no such option
    audioHook({ port: 0, credentials, tls: true });
    // @ts-expect-error -- a session is accepted with its media, or not
    audioHook({ port: 0, credentials, accept: () => true });
    const opus = { type: 'audio', format: 'OPUS', channels: ['external'], rate: 8000 } as const;
    // @ts-expect-error -- no such format
    audioHook({ port: 0, credentials, accept: () => ({ media: opus }) });
    // @ts-expect-error -- a key must be there
    audioHook({ port: 0, credentials: [{ clientSecret: '' }] });
  });
});

describe('the frames of a session', () => {
  it('are told apart by their type', () => {
    expectTypeOf(session.frames$).toEqualTypeOf<Observable<AudioHookFrame | RejectedFrame>>();
    session.frames$.pipe(accepted()).subscribe((frame) => {
      expectTypeOf(frame).toEqualTypeOf<AudioHookFrame>();
      switch (frame.payloadType) {
        case 'audio':
          expectTypeOf(frame).toEqualTypeOf<AudioFrame>();
          expectTypeOf(frame.decodedData).toEqualTypeOf<Uint8Array>();
          expectTypeOf(frame.position).toEqualTypeOf<number>();
          return;
        case 'open':
          expectTypeOf(frame.decodedData.parameters).toExtend<OpenParameters>();
          expectTypeOf(frame.decodedData.parameters.participant.aniName).toEqualTypeOf<string>();
          return;
        case 'close':
          expectTypeOf(frame.decodedData.parameters.reason).toEqualTypeOf<CloseReason>();
          return;
        case 'update':
          expectTypeOf(frame.decodedData.parameters.language).toEqualTypeOf<string>();
          // @ts-expect-error -- frames are immutable
          frame.decodedData.parameters.language = 'en-US';
          return;
        case 'resumed':
        case 'discarded':
          expectTypeOf(frame.decodedData.parameters.start).toEqualTypeOf<`PT${number}S`>();
          return;
        case 'error':
          expectTypeOf(frame.decodedData.parameters.retryAfter).toEqualTypeOf<`PT${number}S` | null | undefined>();
          return;
        case 'ping':
          expectTypeOf(frame.decodedData.parameters.rtt).toEqualTypeOf<`PT${number}S` | null | undefined>();
          // @ts-expect-error -- only audio has a position in the stream that is a number
          expectTypeOf(frame.position).toEqualTypeOf<number>();
          return;
        case 'paused':
          expectTypeOf(frame.decodedData.seq).toEqualTypeOf<number>();
          return;
        // @ts-expect-error -- it is the server that says so
        case 'opened':
          return;
        default:
          expectTypeOf(frame).toBeNever();
      }
    });
  });

  it('are narrowed by ofType', () => {
    session.frames$.pipe(ofType('update')).subscribe((frame) => {
      expectTypeOf(frame).toEqualTypeOf<Extract<ControlFrame, { readonly payloadType: 'update' }>>();
    });
    session.frames$.pipe(ofType('audio')).subscribe((frame) => {
      expectTypeOf(frame.channels).toEqualTypeOf<readonly ('external' | 'internal')[]>();
    });
    // @ts-expect-error -- no such type
    session.frames$.pipe(ofType('transcript')).subscribe();
  });

  it('are rejected, or what their type says', () => {
    session.frames$.subscribe((frame) => {
      if (frame.kind === 'rejected') expectTypeOf(frame).toEqualTypeOf<RejectedFrame>();
      else expectTypeOf(frame).toEqualTypeOf<AudioHookFrame>();
      // @ts-expect-error -- it may be rejected
      use(frame.decodedData.parameters);
    });
  });

  it('are of types that anybody’s pipeline can have', () => {
    const source: Observable<RawFrame> = EMPTY;
    source.pipe(decode(audioHookTypes), validate(), accepted(), ofType('open')).subscribe((frame) => {
      expectTypeOf(frame.decodedData.parameters.media).toExtend<readonly MediaParameter[]>();
      expectTypeOf(frame.decodedData.parameters.language).toEqualTypeOf<string | null | undefined>();
      expectTypeOf(frame.decodedData.version).toEqualTypeOf<'2'>();
    });
  });
});

describe('the media of a session', () => {
  it('go through processWith, which may pause the client', () => {
    expectTypeOf(session.media$).toEqualTypeOf<Observable<AudioFrame>>();
    const results = session.media$.pipe(
      processWith((frame) => Promise.resolve(frame.samples), { flow: session.flow }),
      accepted(),
      session.holdOpen(),
    );
    expectTypeOf(results).toEqualTypeOf<Observable<number>>();
  });
});

describe('the events of a session', () => {
  it('are told apart by their type', () => {
    expectTypeOf(session.events$).toEqualTypeOf<Observable<SessionEvent>>();
    session.events$.subscribe((event) => {
      if (event.type === 'discarded') expectTypeOf(event.samples).toEqualTypeOf<number>();
      if (event.type === 'updated') expectTypeOf(event.language).toEqualTypeOf<string>();
      if (event.type === 'error') expectTypeOf(event.retryAfter).toEqualTypeOf<number | undefined>();
      if (event.type === 'closing') expectTypeOf(event.reason).toEqualTypeOf<CloseReason>();
      if (event.type === 'ended') expectTypeOf(event).toEqualTypeOf<SessionEnd>();
      // @ts-expect-error -- not each of them has it
      use(event.position);
      // @ts-expect-error -- there is no such event
      if (event.type === 'opened') return;
    });
  });
});

describe('a session', () => {
  it('sends events of any type, and of transcripts those that are well formed', () => {
    expectTypeOf(session.sendEvent(transcript)).toEqualTypeOf<boolean>();
    session.sendEvent({ type: 'agentassist', data: { id: 1 } });
    expectTypeOf<TranscriptEntity>().toExtend<EventEntity>();
    // @ts-expect-error -- it has a type
    session.sendEvent({ data: 1 });
    // @ts-expect-error -- confidence is missing
    const wrong: TranscriptEntity['data']['alternatives'] = [{ interpretations: [] }];
    use(wrong);
  });

  it('is not changed, and ends for a reason that there is', () => {
    // @ts-expect-error -- it is read only
    session.language = 'en-US';
    // @ts-expect-error -- it is read only
    session.media!.format = 'L16';
    session.disconnect();
    session.disconnect('completed', 'done');
    // @ts-expect-error -- no such reason
    session.disconnect('end');
    // @ts-expect-error -- the media may be none
    use(session.media.format);
  });
});
