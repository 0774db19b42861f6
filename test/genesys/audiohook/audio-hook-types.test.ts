import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRejected, RawFrame } from '../../../operators/frame.ts';
import { audioHookTypes } from '../../../src/genesys/audiohook/audio-hook-types.ts';
import {
  clientMessage,
  LINEAR,
  NULL_UUID,
  OPEN,
  outcomeOf,
  PARAMETERS,
} from '../../../marble-tests/audiohook/client-messages.ts';

function message(payload: string | Uint8Array): RawFrame {
  return new RawFrame({
    rawData: typeof payload === 'string' ? new TextEncoder().encode(payload) : payload,
    isBinary: typeof payload !== 'string',
    connectionId: 'c',
    sequence: 0,
    timestamp: 0,
    receivedAt: 0,
  });
}

/** `ok`, or where it is wrong and what. */
function faultOf(payload: string): string {
  const outcome = outcomeOf(message(payload));
  if (!isRejected(outcome)) return 'ok';
  const { reason, issues } = outcome;
  return `${reason}: ${issues[0]!.path ?? ''} ${issues[0]!.message}`;
}

describe('audioHookTypes', () => {
  it('are those of the protocol', () => {
    expect(Object.keys(audioHookTypes.rows)).toStrictEqual([
      'open',
      'close',
      'ping',
      'paused',
      'resumed',
      'discarded',
      'update',
      'error',
      'audio',
    ]);
  });

  it.each(Object.keys(PARAMETERS))('take %s, as it is', (type) => {
    const text = clientMessage(type, 1);
    const outcome = outcomeOf(message(text));
    expect(outcome).toMatchObject({ kind: 'parsed', payloadType: type });
    expect(outcome.decodedData).toStrictEqual(JSON.parse(text));
  });

  it('take all that is binary for audio, and nothing that is text', () => {
    for (const bytes of [
      Uint8Array.of(),
      Uint8Array.of(0x7b, 0x7d),
      new TextEncoder().encode(clientMessage('ping', 1)),
    ]) {
      const outcome = outcomeOf(message(bytes));
      expect(outcome).toMatchObject({ kind: 'parsed', payloadType: 'audio' });
      expect(outcome.decodedData).toBe(outcome.rawData);
    }
    expect(faultOf(clientMessage('audio', 1))).toMatch(/^unknown-type/);
  });

  it.each([
    ['members that nobody knows', clientMessage('ping', 1, { more: 1, parameters: { rtt: 'PT1S', more: {} } })],
    ['a ping without a round trip', clientMessage('ping', 1, { parameters: {} })],
    ['a ping of which that is null', clientMessage('ping', 1, { parameters: { rtt: null } })],
    ['an id in capitals', clientMessage('ping', 1, { id: 'ABCDEF12-ABCD-4BCD-ABCD-ABCDEF123456' })],
    ['the null UUID', clientMessage('ping', 1, { id: NULL_UUID })],
    ['large numbers', clientMessage('ping', Number.MAX_SAFE_INTEGER)],
    ['no media', clientMessage('open', 1, { parameters: { ...OPEN, media: [] } })],
    ['L16', clientMessage('open', 1, { parameters: { ...OPEN, media: [LINEAR] } })],
    ['a language alone', clientMessage('open', 1, { parameters: { ...OPEN, language: 'de' } })],
    ['a language with a script', clientMessage('open', 1, { parameters: { ...OPEN, language: 'zh-Hant-TW' } })],
    ['a language with a number', clientMessage('open', 1, { parameters: { ...OPEN, language: 'es-419' } })],
    ['an error with a code of its own', clientMessage('error', 1, { parameters: { code: 9999, message: '' } })],
  ])('let through %s', (_, text) => {
    expect(faultOf(text)).toBe('ok');
  });

  const open = (parameters: object) => clientMessage('open', 1, { parameters: { ...OPEN, ...parameters } });
  const media = (entry: object) => open({ media: [{ ...LINEAR, ...entry }] });
  it.each([
    ['no version', clientMessage('ping', 1, { version: undefined }), "schema:  must have 'version'"],
    ['another version', clientMessage('ping', 1, { version: '3' }), 'schema: /version must be "2"'],
    ['a version as a number', clientMessage('ping', 1, { version: 2 }), 'schema: /version must be "2"'],
    ['no id', clientMessage('ping', 1, { id: undefined }), "schema:  must have 'id'"],
    ['an id that is none', clientMessage('ping', 1, { id: 'x' }), 'schema: /id must be a UUID'],
    ['no seq', clientMessage('ping', 1, { seq: undefined }), "schema:  must have 'seq'"],
    ['a seq below 0', clientMessage('ping', -1), 'schema: /seq must be an integer from 0 to 9007199254740991'],
    [
      'a seq that is no integer',
      clientMessage('ping', 1.5),
      'schema: /seq must be an integer from 0 to 9007199254740991',
    ],
    ['no serverseq', clientMessage('ping', 1, { serverseq: undefined }), "schema:  must have 'serverseq'"],
    [
      'a serverseq as text',
      clientMessage('ping', 1, { serverseq: '1' }),
      'schema: /serverseq must be an integer from 0 to 9007199254740991',
    ],
    ['no position', clientMessage('ping', 1, { position: undefined }), "schema:  must have 'position'"],
    [
      'a position that is none',
      clientMessage('ping', 1, { position: 'PT1M' }),
      'schema: /position must be a duration in seconds, such as "PT1.5S"',
    ],
    ['no parameters', clientMessage('paused', 1, { parameters: undefined }), "schema:  must have 'parameters'"],
    [
      'parameters that are a list',
      clientMessage('paused', 1, { parameters: [] }),
      'schema: /parameters must be object',
    ],
    ['no organisation', open({ organizationId: undefined }), "schema: /parameters must have 'organizationId'"],
    ['no conversation', open({ conversationId: undefined }), "schema: /parameters must have 'conversationId'"],
    ['no participant', open({ participant: undefined }), "schema: /parameters must have 'participant'"],
    [
      'no number',
      open({ participant: { id: NULL_UUID, aniName: '', dnis: '' } }),
      "schema: /parameters/participant must have 'ani'",
    ],
    ['no media at all', open({ media: undefined }), "schema: /parameters must have 'media'"],
    ['media that are no list', open({ media: LINEAR }), 'schema: /parameters/media must be array'],
    ['another format', media({ format: 'OPUS' }), 'schema: /parameters/media/0/format must be "PCMU" or "L16"'],
    ['another rate', media({ rate: 16_000 }), 'schema: /parameters/media/0/rate must be 8000'],
    ['another kind of media', media({ type: 'video' }), 'schema: /parameters/media/0/type must be "audio"'],
    [
      'a channel twice',
      media({ channels: ['external', 'external'] }),
      'schema: /parameters/media/0/channels must have different items',
    ],
    ['no channel', media({ channels: [] }), 'schema: /parameters/media/0/channels must have 1 to 2 items'],
    [
      'three channels',
      media({ channels: ['external', 'internal', 'external'] }),
      'schema: /parameters/media/0/channels must have 1 to 2 items',
    ],
    [
      'another channel',
      media({ channels: ['both'] }),
      'schema: /parameters/media/0/channels/0 must be "external" or "internal"',
    ],
    [
      'a language that is none',
      open({ language: 'English (US)' }),
      'schema: /parameters/language must be a language code, such as "en-US"',
    ],
    [
      'a wish that is no flag',
      open({ supportedLanguages: 'yes' }),
      'schema: /parameters/supportedLanguages must be boolean',
    ],
    [
      'a former session without its numbers',
      open({ continuedSessions: [{ id: NULL_UUID, serverseq: 1 }] }),
      "schema: /parameters/continuedSessions/0 must have 'clientseq'",
    ],
    [
      'a configuration that is no object',
      open({ customConfig: 'x' }),
      'schema: /parameters/customConfig must be object',
    ],
    ['no reason', clientMessage('close', 1, { parameters: {} }), "schema: /parameters must have 'reason'"],
    [
      'another reason',
      clientMessage('close', 1, { parameters: { reason: 'bored' } }),
      'schema: /parameters/reason must be "end" or "error" or "disconnect" or "reconnect"',
    ],
    [
      'a round trip that is none',
      clientMessage('ping', 1, { parameters: { rtt: 12 } }),
      'schema: /parameters/rtt must be a duration in seconds, such as "PT1.5S"',
    ],
    [
      'no start',
      clientMessage('resumed', 1, { parameters: { discarded: 'PT1S' } }),
      "schema: /parameters must have 'start'",
    ],
    [
      'nothing discarded',
      clientMessage('discarded', 1, { parameters: { start: 'PT1S' } }),
      "schema: /parameters must have 'discarded'",
    ],
    ['no language', clientMessage('update', 1, { parameters: {} }), "schema: /parameters must have 'language'"],
    ['no code', clientMessage('error', 1, { parameters: { message: '' } }), "schema: /parameters must have 'code'"],
    [
      'a code that is none',
      clientMessage('error', 1, { parameters: { code: 399, message: '' } }),
      'schema: /parameters/code must be an integer from 400 to 9999',
    ],
    ['no message', clientMessage('error', 1, { parameters: { code: 400 } }), "schema: /parameters must have 'message'"],
    [
      'a time to wait that is none',
      clientMessage('error', 1, { parameters: { code: 429, message: '', retryAfter: '3' } }),
      'schema: /parameters/retryAfter must be a duration in seconds, such as "PT1.5S"',
    ],
    ['what a server says', clientMessage('opened', 1), 'unknown-type:  no payload type is named "opened"'],
    [
      'what an object has anyway',
      clientMessage('constructor', 1),
      'unknown-type:  no payload type is named "constructor"',
    ],
    ['what an object may have', clientMessage('__proto__', 1), 'unknown-type:  no payload type is named "__proto__"'],
    ['a list', '[]', 'unknown-type:  there is no string at /type, where the type should be'],
    ['nothing', '', 'malformed-json:  the payload is empty'],
  ])('reject %s', (_, text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('give one outcome for anything', () => {
    const anything = fc.oneof(
      fc.json(),
      fc.string(),
      fc.uint8Array(),
      fc
        .tuple(
          fc.constantFrom(...Object.keys(PARAMETERS)),
          fc.constantFrom('version', 'id', 'type', 'seq', 'serverseq', 'position', 'parameters'),
          fc.jsonValue(),
        )
        .map(([type, member, value]) => clientMessage(type, 1, { [member]: value })),
    );
    fc.assert(
      fc.property(anything, (payload) => {
        expect(['parsed', 'rejected']).toContain(outcomeOf(message(payload)).kind);
      }),
      { numRuns: 500 },
    );
  });
});
