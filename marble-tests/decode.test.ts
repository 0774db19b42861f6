import fc from 'fast-check';
import { of } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { decode } from '../operators/decode.ts';
import { Decoded, RejectedFrame, type RawFrame } from '../operators/frame.ts';
import { binaryType } from '../operators/binary-type.ts';
import { jsonType } from '../operators/json-type.ts';
import { definePayloadTypes, type PayloadTypes, type TypeLocation } from '../operators/payload-types.ts';
import { diagram } from './diagram.ts';
import { decodedFrame, raw, rejectedWith, stageContract } from './marbles.ts';

const rows = { note: jsonType({ type: 'object' }), media: binaryType({ firstByte: 0x80 }) };
const types = definePayloadTypes(rows);

/** The one outcome of one frame. */
function outcomeOf(frame: RawFrame, matrix: PayloadTypes = types): unknown {
  const outcomes: unknown[] = [];
  of(frame)
    .pipe(decode(matrix))
    .subscribe((outcome) => outcomes.push(outcome));
  expect(outcomes).toHaveLength(1);
  return outcomes[0];
}

/** The type and the data of a frame that is decoded. */
function decodedOf(frame: RawFrame, matrix: PayloadTypes = types): { type: string; data: unknown } {
  const outcome = outcomeOf(frame, matrix);
  expect(outcome).toBeInstanceOf(Decoded);
  const { payloadType, decodedData } = outcome as Decoded<string, unknown>;
  return { type: payloadType, data: decodedData };
}

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A note in JSON, with these bytes as the value of a member. */
const noteWith = (...bytes: number[]) => [...utf8('{"type":"note","a":"'), ...bytes, ...utf8('"}')];

/** That many arrays, one in the other. */
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** What is said of a binary message besides. */
const unrecognised = ', and no binary type of the matrix recognises it';

/** A raw frame by its payload, a decoded one by its type. */
const payload = (frame: RawFrame | Decoded<string, unknown>) => {
  if (frame.kind === 'decoded') return `payloadType: ${frame.payloadType}`;
  const bytes = [...frame.rawData];
  return bytes[0] === 0x80 ? `bytes ${bytes.map(String).join(', ')}` : new TextDecoder().decode(frame.rawData);
};

describe('decode', () => {
  it(
    'gives each frame its type and its data, and goes on after a bad one',
    diagram('decode', { call: 'decode(types)', describe: payload }, ({ cold, expectObservable }) => {
      const source = {
        a: raw('{"type":"note","n":1}'),
        b: raw([0x80, 0xff, 0x00], { sequence: 1 }),
        c: raw('{"type":', { sequence: 2 }),
        d: raw(noteWith(0xff), { sequence: 3, isBinary: false }),
        e: raw('{"type":"other"}', { sequence: 4 }),
        f: raw('{"type":"note"}', { sequence: 5 }),
      };
      expectObservable(cold('-a-b-c-d-e-f-|', source).pipe(decode(types))).toBe('-A-B-x-y-z-F-|', {
        A: decodedFrame(types, 'note', { type: 'note', n: 1 }),
        B: decodedFrame(types, 'media', Uint8Array.of(0x80, 0xff, 0x00), { sequence: 1 }),
        x: rejectedWith('decode', 'malformed-json', 'not valid JSON'),
        y: rejectedWith('decode', 'invalid-utf8', 'the payload is not valid UTF-8'),
        z: rejectedWith('decode', 'unknown-type', 'no payload type is named "other"'),
        F: decodedFrame(types, 'note', { type: 'note' }, { sequence: 5 }),
      });
    }),
  );

  it.each<[string, string, unknown]>([
    ['first', '{"type":"note","a":1}', { type: 'note', a: 1 }],
    ['last', '{"a":{"type":"other"},"b":[{"type":"media"}],"type":"note"}', undefined],
    ['with space around it', ' \n\t{ "type" \r\n : \t"note" } ', { type: 'note' }],
    ['with its name escaped', String.raw`{"\u0074ype":"note"}`, { type: 'note' }],
    ['with its value escaped', String.raw`{"type":"\u006eot\u0065"}`, { type: 'note' }],
    ['twice, the last counts', '{"type":"other","type":"note"}', { type: 'note' }],
    ['after text that looks like one', String.raw`{"a":"\"type\":\"other\"","type":"note"}`, undefined],
    ['after a byte order mark', '\ufeff{"type":"note"}', { type: 'note' }],
  ])('finds the type member %s', (_where, text, data) => {
    const found = data ?? (JSON.parse(text) as unknown);
    expect(decodedOf(raw(text))).toStrictEqual({ type: 'note', data: found });
    expect(decodedOf(raw(utf8(text)))).toStrictEqual({ type: 'note', data: found });
  });

  it.each<[string, string, string]>([
    ['twice, the last of another type', '{"type":"note","type":"other"}', 'no payload type is named "other"'],
    ['no type', '{}', 'there is no string at /type, where the type should be'],
    ['a type deeper down only', '{"a":{"type":"note"}}', 'there is no string at /type, where the type should be'],
    ['a number for a type', '{"type":1}', 'there is no string at /type, where the type should be'],
    ['null for a type', '{"type":null}', 'there is no string at /type, where the type should be'],
    ['a list for a type', '{"type":["note"]}', 'there is no string at /type, where the type should be'],
    ['an array at the top', '[{"type":"note"}]', 'there is no string at /type, where the type should be'],
    ['a string at the top', '"note"', 'there is no string at /type, where the type should be'],
    ['a number at the top', '12', 'there is no string at /type, where the type should be'],
    ['null at the top', 'null', 'there is no string at /type, where the type should be'],
    ['an inherited type', '{"__proto__":{"type":"note"}}', 'there is no string at /type, where the type should be'],
    ['the name of a binary type', '{"type":"media"}', 'no payload type is named "media"'],
    ['the name of an inherited member', '{"type":"constructor"}', 'no payload type is named "constructor"'],
    ['the type in another case', '{"type":"Note"}', 'no payload type is named "Note"'],
    ['an empty type', '{"type":""}', 'no payload type is named ""'],
  ])('rejects %s as unknown-type', (_what, text, message) => {
    expect(outcomeOf(raw(text))).toEqual(rejectedWith('decode', 'unknown-type', message));
    expect(outcomeOf(raw(utf8(text)))).toEqual(rejectedWith('decode', 'unknown-type', message));
  });

  it('keeps what it says of an unknown name short and printable', () => {
    const name = `\u001b[31m${'\u0000'.repeat(500)}\u202e`;
    const outcome = outcomeOf(raw(JSON.stringify({ type: name }))) as RejectedFrame;
    expect(outcome.issues[0]!.message.length).toBeLessThanOrEqual(200);
    expect(outcome.issues[0]!.message).toMatch(/^no payload type is named "\P{C}+$/u);
  });

  it.each<[string, string, string]>([
    ['an empty payload', '', 'the payload is empty'],
    ['a byte order mark alone', '\ufeff', 'the payload is empty'],
    ['space only', ' ', 'not valid JSON'],
    ['an object cut off', '{"type":"note"', 'not valid JSON at character 14'],
    ['a string cut off', '{"type":"no', 'not valid JSON at character 11'],
    ['an array that is not closed', '[1,2', 'not valid JSON at character 4'],
    ['two values', '{"type":"note"}{}', 'not valid JSON at character 15'],
    ['a trailing comma', '{"type":"note",}', 'not valid JSON at character 15'],
    ['single quotes', "{'type':'note'}", 'not valid JSON at character 1'],
    ['a control character in a string', '{"type":"note\n"}', 'not valid JSON at character 13'],
    ['NaN', 'NaN', 'not valid JSON'],
    ['a second byte order mark', '\ufeff\ufeff{"type":"note"}', 'not valid JSON'],
  ])('rejects %s as malformed-json', (_what, text, message) => {
    const outcome = outcomeOf(raw(text)) as RejectedFrame;
    expect(outcome).toEqual(rejectedWith('decode', 'malformed-json'));
    // Not each version of the platform names the position.
    expect([message, message.replace(/ at character \d+$/, '')]).toContain(outcome.issues[0]!.message);
    const binary = outcomeOf(raw(utf8(text))) as RejectedFrame;
    expect(binary).toEqual(rejectedWith('decode', 'malformed-json'));
    expect(binary.issues[0]!.message).toBe(
      outcome.issues[0]!.message + (message === 'the payload is empty' ? '' : unrecognised),
    );
  });

  it.each([
    ['Unexpected end of JSON input', ''],
    ['Expected double-quoted property name in JSON at position 15', ' at character 15'],
    ['Expected double-quoted property name in JSON at position 15 (line 12 column 34)', ' at character 15'],
    [`Unexpected token 'J', "JSON at position 7" is not valid JSON`, ''],
    ['JSON.parse: unexpected character at line 1 column 2 of the JSON data', ''],
  ])('takes from the platform message %j the position only: %j', (platform, place) => {
    const parse = vi.spyOn(JSON, 'parse').mockImplementationOnce(() => {
      throw new SyntaxError(platform);
    });
    expect(outcomeOf(raw('{'))).toEqual(rejectedWith('decode', 'malformed-json', `not valid JSON${place}`));
    parse.mockRestore();
  });

  it('tells no part of a malformed payload', () => {
    for (const text of ['secret', '{"type":"note","a":secret}', 'at position 7', 'JSON at position 7']) {
      const { issues } = outcomeOf(raw(text)) as RejectedFrame;
      expect(issues[0]!.message).toMatch(/^not valid JSON( at character \d+)?$/);
      expect(issues[0]!.message).not.toMatch(/7|secret/);
    }
  });

  it.each<[string, ...number[]]>([
    ['a lone continuation byte', 0x80],
    ['a continuation byte too many', 0xc3, 0xa4, 0xa4],
    ['a sequence of two cut off', 0xc3],
    ['a sequence of three cut off', 0xe2, 0x82],
    ['a sequence of four cut off', 0xf0, 0x9f, 0x98],
    ['a start byte with no continuation', 0xc3, 0x28],
    ['NUL, overlong', 0xc0, 0x80],
    ['a slash, overlong in two', 0xc0, 0xaf],
    ['a slash, overlong in three', 0xe0, 0x80, 0xaf],
    ['a slash, overlong in four', 0xf0, 0x80, 0x80, 0xaf],
    ['the largest overlong in two', 0xc1, 0xbf],
    ['the largest overlong in three', 0xe0, 0x9f, 0xbf],
    ['the largest overlong in four', 0xf0, 0x8f, 0xbf, 0xbf],
    ['the first high surrogate', 0xed, 0xa0, 0x80],
    ['the last low surrogate', 0xed, 0xbf, 0xbf],
    ['a surrogate pair (CESU-8)', 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
    ['beyond U+10FFFF', 0xf4, 0x90, 0x80, 0x80],
    ['a start byte of five', 0xf8, 0x88, 0x80, 0x80, 0x80],
    ['a start byte of six', 0xfc, 0x84, 0x80, 0x80, 0x80, 0x80],
    ['0xfe', 0xfe],
    ['0xff', 0xff],
    ['Latin-1', 0xe4],
  ])('rejects %s as invalid-utf8, text or binary', (_what, ...bytes) => {
    for (const isBinary of [false, true]) {
      const message = `the payload is not valid UTF-8${isBinary ? unrecognised : ''}`;
      expect(outcomeOf(raw(noteWith(...bytes), { isBinary }))).toEqual(rejectedWith('decode', 'invalid-utf8', message));
    }
  });

  it.each<[string, string]>([
    ['the last of one byte', '\u007f'],
    ['the first and last of two bytes', '\u0080\u07ff'],
    ['the first and last of three bytes', '\u0800\uffff'],
    ['the neighbours of the surrogates', '\ud7ff\ue000'],
    ['the first and last of four bytes', '\u{10000}\u{10ffff}'],
    ['a byte order mark inside', 'a\ufeffb'],
  ])('takes %s as it is', (_what, a) => {
    expect(decodedOf(raw(JSON.stringify({ type: 'note', a }))).data).toStrictEqual({ type: 'note', a });
  });

  it('judges each frame afresh after one that was cut off, or had a byte order mark', () => {
    const stage = decode(types);
    const texts: unknown[] = [];
    of(
      raw(noteWith(0xe2, 0x82)),
      raw('\ufeff{"type":"note","a":1}'),
      raw([0xef, 0xbb], { isBinary: false }),
      raw('\ufeff{"type":"note","a":2}'),
      raw('{"type":"note","a":3}'),
      raw('\ufeff{"type":"note","a":4}'),
    )
      .pipe(stage)
      .subscribe((outcome) => texts.push(outcome.kind === 'rejected' ? outcome.reason : outcome.decodedData));
    const note = (a: number) => ({ type: 'note', a });
    expect(texts).toStrictEqual(['invalid-utf8', note(1), 'invalid-utf8', note(2), note(3), note(4)]);
  });

  it('takes a lone 0x80 for the binary type in a binary message, for invalid UTF-8 in a text message', () => {
    expect(decodedOf(raw([0x80]))).toStrictEqual({ type: 'media', data: Uint8Array.of(0x80) });
    expect(outcomeOf(raw([0x80], { isBinary: false }))).toEqual(rejectedWith('decode', 'invalid-utf8'));
  });

  it('gives the received bytes as the data of a binary type, not a copy', () => {
    const frame = raw([0x80, 1, 2]);
    expect(decodedOf(frame).data).toBe(frame.rawData);
  });

  it('takes the first binary type of the matrix that recognises the bytes', () => {
    const matrix = definePayloadTypes({
      long: binaryType({ recognises: (bytes) => bytes.length > 2 }),
      short: binaryType({ firstByte: 1 }),
    });
    expect(decodedOf(raw([1, 2, 3]), matrix).type).toBe('long');
    expect(decodedOf(raw([1, 2]), matrix).type).toBe('short');
  });

  it('rejects the frame where recognises throws, and goes on', () => {
    const firstWord = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0);
    const matrix = definePayloadTypes({ word: binaryType({ recognises: (bytes) => firstWord(bytes) === 1 }) });
    expect(outcomeOf(raw([0]), matrix)).toEqual(
      rejectedWith('decode', 'unknown-type', "a binary type's recognises threw RangeError"),
    );
    expect(decodedOf(raw([0, 0, 0, 1]), matrix).type).toBe('word');
  });

  it('takes __proto__ for a member like any other', () => {
    const { data } = decodedOf(raw('{"type":"note","__proto__":{"admin":true}}'));
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(data, '__proto__')?.value).toStrictEqual({ admin: true });
    expect((data as { admin?: boolean }).admin).toBeUndefined();
  });

  it('decodes nesting 10,000 deep', () => {
    const { type, data } = decodedOf(raw(`{"type":"note","a":${nested(10_000)}}`));
    let depth = 0;
    for (let at = (data as { a: unknown }).a; Array.isArray(at); at = at[0]) depth += 1;
    expect([type, depth]).toStrictEqual(['note', 10_000]);
    expect(outcomeOf(raw(nested(10_000)))).toEqual(rejectedWith('decode', 'unknown-type'));
    expect(outcomeOf(raw('['.repeat(10_000)))).toEqual(rejectedWith('decode', 'malformed-json'));
  });

  it('lets a lone surrogate through that is written as an escape', () => {
    expect(decodedOf(raw(String.raw`{"type":"note","a":"\ud800"}`)).data).toStrictEqual({ type: 'note', a: '\ud800' });
  });

  it('gives a number too large for a double as Infinity, one beyond 2^53 rounded', () => {
    const text = '{"type":"note","a":1e400,"b":-1e400,"c":9007199254740993,"d":1e-400}';
    expect(decodedOf(raw(text)).data).toStrictEqual({ type: 'note', a: Infinity, b: -Infinity, c: 2 ** 53, d: 0 });
  });

  it.each<[TypeLocation, string, string | undefined]>([
    ['kind', '{"kind":"note","type":"other"}', 'note'],
    [['header', 'kind'], '{"header":{"kind":"note"}}', 'note'],
    [['header', 'kind'], '{"header":[{"kind":"note"}]}', undefined],
    [['header', 'kind'], '{"header":null,"kind":"note"}', undefined],
    [['header', 'kind'], '{"header":"note"}', undefined],
    ['a.b', '{"a.b":"note"}', 'note'],
    ['a.b', '{"a":{"b":"note"}}', undefined],
    [['length'], '[1]', undefined],
    [['0'], '["note"]', undefined],
    [(value) => (Array.isArray(value) ? 'note' : undefined), '[1]', 'note'],
    [(value) => (Array.isArray(value) ? 'note' : undefined), '{}', undefined],
    [(value) => (value as { kind: string }).kind, '{"kind":5}', undefined],
    [(value) => (value as { kind: string }).kind, '{"kind":{"toString":1}}', undefined],
  ])('finds the type by %j: %s', (type, text, expected) => {
    const matrix = definePayloadTypes(rows, { type });
    if (expected === undefined) expect(outcomeOf(raw(text), matrix)).toEqual(rejectedWith('decode', 'unknown-type'));
    else expect(decodedOf(raw(text), matrix).type).toBe(expected);
  });

  it('says where the type should be', () => {
    const at = (type: TypeLocation) => outcomeOf(raw('{}'), definePayloadTypes(rows, { type }));
    const message = 'there is no string at /header/kind, where the type should be';
    expect(at(['header', 'kind'])).toEqual(rejectedWith('decode', 'unknown-type', message));
    expect(at(() => undefined)).toEqual(rejectedWith('decode', 'unknown-type', 'the payload names no type'));
  });

  it('rejects the frame where the type function throws, and goes on', () => {
    const matrix = definePayloadTypes(rows, { type: (value) => (value as { type: string }).type });
    expect(outcomeOf(raw('null'), matrix)).toEqual(
      rejectedWith('decode', 'unknown-type', 'the type function threw TypeError'),
    );
    expect(decodedOf(raw('{"type":"note"}'), matrix).type).toBe('note');
  });

  it('passes what is not in the matrix on as unknown where the policy says so', () => {
    const matrix = definePayloadTypes(rows, { unknown: 'pass' });
    for (const text of ['{"type":"other"}', '[1]', '"a"', 'null']) {
      const outcome = outcomeOf(raw(text), matrix);
      expect(outcome).toEqual(
        expect.objectContaining({ kind: 'decoded', payloadType: 'unknown', definition: undefined }),
      );
      expect(outcome).toHaveProperty('decodedData', JSON.parse(text));
    }
    expect(decodedOf(raw('{"type":"note"}'), matrix).type).toBe('note');
    expect(outcomeOf(raw('{'), matrix)).toEqual(rejectedWith('decode', 'malformed-json'));
    expect(outcomeOf(raw([0xff]), matrix)).toEqual(rejectedWith('decode', 'invalid-utf8'));
  });

  it('gives any bytes exactly one outcome, the one that TextDecoder and JSON.parse say', () => {
    const word = fc.constantFrom(
      '{"type":"note"',
      '{"type":"other"',
      '{',
      '}',
      ',"a":',
      '[',
      ']',
      '1e400',
      '"\\ud800"',
      '\ufeff',
      '"type":1',
    );
    const nearlyJson = fc
      .array(fc.oneof(word, fc.json(), fc.string({ unit: 'binary' })))
      .map((parts) => utf8(parts.join('')));
    const note = fc
      .dictionary(fc.string(), fc.jsonValue())
      .map((members) => utf8(JSON.stringify({ ...members, type: 'note' })));
    const flipped = fc.tuple(note, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([bytes, at, byte]) => {
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    const bytes = fc.oneof(fc.uint8Array(), nearlyJson, note, flipped);

    fc.assert(
      fc.property(bytes, fc.boolean(), (payload, isBinary) => {
        expect(shortly(outcomeOf(raw(payload, { isBinary })))).toStrictEqual(oracle(payload, isBinary));
      }),
      { numRuns: 500, seed: 20_260_101 },
    );
  });

  it('refuses a matrix that definePayloadTypes did not make', () => {
    expect(() => decode({} as PayloadTypes)).toThrow(
      new TypeError('decode: types must be made by definePayloadTypes(), got an object'),
    );
    expect(() => decode(undefined as unknown as PayloadTypes)).toThrow(
      new TypeError('decode: types must be made by definePayloadTypes(), got undefined'),
    );
  });
});

function shortly(outcome: unknown): unknown {
  if (outcome instanceof RejectedFrame) return outcome.reason;
  const { payloadType, decodedData } = outcome as Decoded<string, unknown>;
  return [payloadType, decodedData];
}

/** What `decode(types)` should make of a payload, as plainly as it can be said. */
function oracle(payload: Uint8Array, isBinary: boolean): unknown {
  if (isBinary && payload[0] === 0x80) return ['media', payload];
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return 'invalid-utf8';
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'malformed-json';
  }
  const isNote = value instanceof Object && !Array.isArray(value) && 'type' in value && value.type === 'note';
  return isNote ? ['note', value] : 'unknown-type';
}

stageContract(
  'decode',
  () => decode(types),
  () => [raw('{"type":"note"}'), raw('{', { sequence: 1 }), raw([0x80], { sequence: 2 })],
);
