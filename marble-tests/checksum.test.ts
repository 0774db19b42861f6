import { createHash } from 'node:crypto';
import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#sha256';
import { checksum } from '../operators/checksum.ts';
import { decode } from '../operators/decode.ts';
import type { Decoded, Parsed, RejectedFrame } from '../operators/frame.ts';
import { binaryType } from '../operators/binary-type.ts';
import { jsonType } from '../operators/json-type.ts';
import type { ChecksumRule } from '../operators/payload-type.ts';
import { definePayloadTypes, type PayloadTypes } from '../operators/payload-types.ts';
import { validate } from '../operators/validate.ts';
import { genesysTypes } from '../src/genesys/payload-types.ts';
import { diagram } from './diagram.ts';
import { decodedFrame, parsedFrame, raw, rejectedWith, stageContract } from './marbles.ts';

type Outcome = Decoded<string, unknown> | Parsed<string, unknown> | RejectedFrame;

/** The one outcome of one frame. */
function outcomeOf(frame: Decoded<string, unknown> | Parsed<string, unknown>): Outcome {
  const outcomes: Outcome[] = [];
  of(frame)
    .pipe(checksum())
    .subscribe((outcome) => outcomes.push(outcome));
  expect(outcomes).toHaveLength(1);
  return outcomes[0]!;
}

interface Sealed {
  readonly sum?: string;
}

/** A matrix with one type, `sealed`, of that rule. */
const withRule = (rule: ChecksumRule<Sealed>) =>
  definePayloadTypes({
    sealed: jsonType({ type: 'object', properties: { sum: { type: 'string' } } }, { checksum: rule }),
    plain: jsonType({ type: 'object' }),
    media: binaryType({ firstByte: 0x80 }),
  });

/** The payload's length, as a digest that a reader can compute. */
const byLength = { expected: ({ sum }: Sealed) => sum, digest: (bytes: Uint8Array) => String(bytes.length) };
const types: PayloadTypes = withRule(byLength);

const right = decodedFrame(types, 'sealed', { sum: '12' });
const wrong = decodedFrame(types, 'sealed', { sum: '99' }, { sequence: 1 });

const checksumValid = (frame: Outcome) => `checksumValid: ${frame.checksumValid}`;

describe('checksum', () => {
  it(
    'marks what has the right digest, rejects what has another, and leaves the rest undefined',
    diagram('checksum', { call: 'checksum()', describe: checksumValid }, ({ cold, expectObservable }) => {
      const source = {
        a: right,
        b: wrong,
        c: decodedFrame(types, 'sealed', {}, { sequence: 2 }),
        d: decodedFrame(types, 'plain', { sum: '99' }, { sequence: 3 }),
        e: decodedFrame(types, 'media', Uint8Array.of(0x80), { sequence: 4 }),
        f: decodedFrame(types, 'unknown', { sum: '99' }, { sequence: 5 }),
      };
      expectObservable(cold('-a-b-c-d-e-f-|', source).pipe(checksum())).toBe('-A-x-c-d-e-f-|', {
        ...source,
        A: right.withChecksum(true),
        x: rejectedWith('checksum', 'checksum-mismatch', 'the digest of the payload is not the one it carries'),
      });
    }),
  );

  it('sets checksumValid to true, to false, or not at all, and keeps the rest', () => {
    const marked = outcomeOf(right);
    expect(marked.checksumValid).toBe(true);
    expect(marked.decodedData).toBe(right.decodedData);
    expect(marked.rawData).toBe(right.rawData);
    expect(right.checksumValid).toBeUndefined();

    const rejected = outcomeOf(wrong);
    expect(rejected.checksumValid).toBe(false);
    expect(rejected.payloadType).toBe('sealed');
    expect(rejected.decodedData).toBe(wrong.decodedData);

    const plain = decodedFrame(types, 'plain', {});
    expect(outcomeOf(plain)).toBe(plain);
    expect(plain.checksumValid).toBeUndefined();
  });

  it('takes parsed frames too, and gives a parsed one', () => {
    const parsed = parsedFrame(types, 'sealed', { sum: '12' });
    expect(outcomeOf(parsed)).toStrictEqual(parsed.withChecksum(true));
  });

  it('covers the whole payload by default', () => {
    const payload = '{"a":1}';
    const digest = createHash('sha256').update(payload).digest('base64');
    const frame = (expected: string) =>
      decodedFrame(
        withRule({ expected: () => expected, digest: (bytes) => sha256(bytes, 'base64') }),
        'sealed',
        JSON.parse(payload),
      );
    expect(outcomeOf(frame(digest)).checksumValid).toBe(true);
    expect(outcomeOf(frame(digest.toLowerCase()))).toEqual(rejectedWith('checksum', 'checksum-mismatch'));
    expect(outcomeOf(frame(''))).toEqual(rejectedWith('checksum', 'checksum-mismatch'));
  });

  it('digests what the rule covers, by the digest of the rule, and tells it the data and the frame', () => {
    const calls: unknown[] = [];
    const frame = decodedFrame(
      withRule({
        expected: (data, { sequence }) => {
          calls.push(['expected', data, sequence]);
          return 'digest of 1';
        },
        covers: (data, { rawData }) => {
          calls.push(['covers', data]);
          return rawData.subarray(0, 1);
        },
        digest: (bytes) => `digest of ${bytes.length}`,
      }),
      'sealed',
      { sum: 'x' },
      { sequence: 7 },
    );
    expect(outcomeOf(frame).checksumValid).toBe(true);
    expect(calls).toStrictEqual([
      ['expected', { sum: 'x' }, 7],
      ['covers', { sum: 'x' }],
    ]);
  });

  it.each(['expected', 'covers', 'digest'] as const)('rejects the frame where %s throws, and goes on', (part) => {
    const rule = {
      expected: ({ sum }: Sealed) => sum,
      digest: () => '12',
      [part]: () => {
        throw new SyntaxError('secret');
      },
    };
    const outcome = outcomeOf(decodedFrame(withRule(rule), 'sealed', { sum: '12' }));
    expect(outcome).toEqual(rejectedWith('checksum', 'checksum-mismatch', 'the checksum rule threw SyntaxError'));
    expect(outcome.checksumValid).toBe(false);
  });

  it('rejects rather than throws where a rule meets data that nothing has validated', () => {
    const rule: ChecksumRule<Sealed> = { expected: ({ sum }) => sum?.toUpperCase(), digest: () => '5' };
    const outcome = outcomeOf(decodedFrame(withRule(rule), 'sealed', { sum: 5 }));
    expect(outcome).toEqual(rejectedWith('checksum', 'checksum-mismatch', 'the checksum rule threw TypeError'));
  });
});

describe('checksum, with the digest that an interaction.update carries', () => {
  const ZEROS = '0'.repeat(44);

  /** A payload with its digest in place of the zeros, as a sender seals it. */
  const sealed = (text: string) => text.replace(ZEROS, createHash('sha256').update(text).digest('base64'));

  const update = (digest = `"sha-256=:${ZEROS}:"`) =>
    `{"id":"a","type":"interaction.update","routing":{},"digest":${digest},"note":"Grüße"}`;

  // What `ws` hands over is a Buffer, whose own `slice` is no copy.
  it.each(['a Uint8Array', 'a Buffer'])('leaves the bytes as received: %s', (kind) => {
    const text = sealed(update());
    const rawData = kind === 'a Buffer' ? Buffer.from(text) : new TextEncoder().encode(text);
    const frame = parsedFrame(genesysTypes, 'interaction.update', JSON.parse(text), { rawData, isBinary: false });
    expect(outcomeOf(frame).checksumValid).toBe(true);
    expect(new TextDecoder().decode(rawData)).toBe(text);
  });

  const checksumOf = (text: string) => {
    const outcomes: unknown[] = [];
    of(raw(text))
      .pipe(decode(genesysTypes), validate(), checksum())
      .subscribe((outcome) => outcomes.push(outcome.kind === 'rejected' ? outcome.reason : outcome.checksumValid));
    return outcomes;
  };

  it.each<[string, string, unknown]>([
    ['the right digest', sealed(update()), true],
    ['the right digest, spaced otherwise', sealed(update().replaceAll(',', ' , ')), true],
    ['one byte changed', sealed(update()).replace('"a"', '"b"'), 'checksum-mismatch'],
    ['a digest of something else', sealed(update()).replace('Grüße', 'Gruß'), 'checksum-mismatch'],
    ['zeros for a digest', update(`"sha-256=:${'0'.repeat(43)}=:"`), 'checksum-mismatch'],
    ['no digest', update('null'), undefined],
    ['a digest by another algorithm', update('"sha-512=:AAAA:"'), undefined],
    ['a digest that is too short', update('"sha-256=:AAAA:"'), undefined],
    ['a digest that is no string', update('5'), undefined],
  ])('finds, with %s, %j', (_what, text, found) => {
    expect(checksumOf(text)).toStrictEqual([found]);
  });
});

stageContract(
  'checksum',
  () => checksum(),
  () => [right, wrong],
);
