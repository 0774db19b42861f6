import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditRecord, checksumOutcome, isoTime, payloadOf } from '../operators/audit-record.ts';
import { RejectedFrame, type AnyFrame } from '../operators/frame.ts';
import { binaryType } from '../operators/binary-type.ts';
import { jsonType } from '../operators/json-type.ts';
import { definePayloadTypes } from '../operators/payload-types.ts';
import { decodedFrame, parsedFrame, raw, rejectedFrame } from './marbles.ts';

const types = definePayloadTypes({ order: jsonType(true), media: binaryType({ firstByte: 0x80 }) });

const order = () => parsedFrame(types, 'order', { type: 'order', id: 7 }, { connectionId: 'c9', sequence: 3 });
const media = () => parsedFrame(types, 'media', Uint8Array.of(0x80, 0xff, 0));
const mismatch = () =>
  new RejectedFrame(order(), 'checksum', 'checksum-mismatch', [{ message: 'not the digest', path: '/digest' }], false);

const hex = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

describe('auditRecord', () => {
  it.each<[string, AnyFrame, unknown]>([
    [
      'an accepted frame',
      order(),
      {
        frameId: 'c9-3',
        outcome: 'accepted',
        payloadType: 'order',
        byteLength: 23,
        checksum: 'none',
        timestamp: '2023-11-14T22:13:20.000Z',
      },
    ],
    [
      'a frame with the right digest',
      order().withChecksum(true),
      {
        frameId: 'c9-3',
        outcome: 'accepted',
        payloadType: 'order',
        byteLength: 23,
        checksum: 'pass',
        timestamp: '2023-11-14T22:13:20.000Z',
      },
    ],
    [
      'a frame rejected before its type was known',
      rejectedFrame('size-gate', 'oversize'),
      {
        frameId: 'c1-99',
        outcome: 'rejected',
        byteLength: 1,
        checksum: 'none',
        timestamp: '2023-11-14T22:13:20.000Z',
        stage: 'size-gate',
        reason: 'oversize',
        issues: [{ message: 'rejected before' }],
      },
    ],
    [
      'a frame rejected after its type was known',
      mismatch(),
      {
        frameId: 'c9-3',
        outcome: 'rejected',
        payloadType: 'order',
        byteLength: 23,
        checksum: 'fail',
        timestamp: '2023-11-14T22:13:20.000Z',
        stage: 'checksum',
        reason: 'checksum-mismatch',
        issues: [{ message: 'not the digest', path: '/digest' }],
      },
    ],
    [
      'a frame that no stage has looked at',
      raw('{}', { timestamp: 1_700_000_000_001 }),
      {
        frameId: 'c1-0',
        outcome: 'accepted',
        byteLength: 2,
        checksum: 'none',
        timestamp: '2023-11-14T22:13:20.001Z',
      },
    ],
  ])('has just these members for %s', (_name, outcome, expected) => {
    expect(auditRecord(outcome)).toStrictEqual(expected);
  });

  it.each<[string, AnyFrame, unknown]>([
    ['the decoded value of a JSON frame', order(), { type: 'order', id: 7 }],
    ['the decoded value of a frame not yet validated', decodedFrame(types, 'order', [1]), [1]],
    ['the decoded value of a frame rejected after decode', mismatch(), { type: 'order', id: 7 }],
    ['null where that is the value', parsedFrame(types, 'order', null), null],
    ['base64 of a binary frame', media(), 'gP8A'],
    ['base64 of a frame rejected before decode', rejectedFrame(), 'eA=='],
    ['base64 of a raw frame', raw('{"a":1}'), 'eyJhIjoxfQ=='],
  ])('with payloads: true has %s', (_name, outcome, payload) => {
    expect(auditRecord(outcome, { payloads: true })).toStrictEqual({ ...auditRecord(outcome), payload });
  });

  it('leaves payload and digest out with false, as by default', () => {
    expect(auditRecord(order(), { payloads: false, digests: false })).toStrictEqual(auditRecord(order()));
  });

  it.each<[string, AnyFrame, string]>([
    ['an accepted frame', order(), hex('{"type":"order","id":7}')],
    ['a binary frame', media(), hex(Uint8Array.of(0x80, 0xff, 0))],
    ['a rejected frame', rejectedFrame(), hex('x')],
    ['an empty frame', raw(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ])('with digests: true has the SHA-256 in hex of the bytes as received of %s', (_name, outcome, sha256) => {
    expect(auditRecord(outcome, { digests: true })).toStrictEqual({ ...auditRecord(outcome), sha256 });
  });

  it('survives JSON, with whatever JSON payload', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.boolean(), (text, isRejected) => {
        const data = JSON.parse(text) as unknown;
        const frame = decodedFrame(types, 'order', data);
        const outcome = isRejected ? new RejectedFrame(frame, 'validate', 'schema', [{ message: 'm' }]) : frame;
        const written = auditRecord(outcome, { payloads: true, digests: true });
        expect(written.payload).toBe(data);
        expect(JSON.parse(JSON.stringify(written))).toStrictEqual(written);
      }),
    );
  });

  it('survives JSON, with whatever bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const written = auditRecord(raw(bytes), { payloads: true });
        const read = JSON.parse(JSON.stringify(written)) as typeof written;
        expect(read).toStrictEqual(written);
        expect(new Uint8Array(Buffer.from(read.payload as string, 'base64'))).toStrictEqual(bytes);
      }),
    );
  });
});

describe('checksumOutcome', () => {
  it.each<[string, AnyFrame]>([
    ['none', raw('a')],
    ['none', order()],
    ['none', rejectedFrame()],
    ['pass', order().withChecksum(true)],
    ['fail', order().withChecksum(false)],
    ['fail', mismatch()],
  ])('says %s, case %#', (expected, outcome) => {
    expect(checksumOutcome(outcome)).toBe(expected);
  });
});

describe('payloadOf', () => {
  it('gives the decoded value itself, not a copy', () => {
    const data = { a: 1 };
    expect(payloadOf(parsedFrame(types, 'order', data))).toBe(data);
  });
});

describe('isoTime', () => {
  it('writes each time as Date does, however times follow one another', () => {
    const time = fc.oneof(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 4_102_444_800_000 }));
    fc.assert(
      fc.property(fc.array(time, { maxLength: 20 }), (times) => {
        expect(times.map(isoTime)).toStrictEqual(times.map((time) => new Date(time).toISOString()));
      }),
    );
  });
});
