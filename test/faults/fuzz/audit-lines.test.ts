import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc, { type Arbitrary } from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { auditRecord } from '../../../operators/audit-record.ts';
import { Decoded, isRejected, RawFrame, RejectedFrame, type AnyFrame } from '../../../operators/frame.ts';
import { pinoAuditSink } from '../../../src/telemetry/pino-audit-sink.ts';
import { fuzz } from './fuzz.ts';
import { UNSAFE_CHARACTER } from './unsafe-character.ts';

const folder = mkdtempSync(join(tmpdir(), 'rxframe-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ANY = fc.string({ unit: 'binary' });
const HOSTILE = ['\n', '\r', '"', '\\', '\u001b', '\u009b', '\u2028', '\u202e', 'a', ','];

/** What a sender can say: lone surrogates too, and often what ends a line, or a string of JSON. */
const text = fc.oneof(ANY, fc.string({ unit: fc.constantFrom(...HOSTILE, '\ud800') }));

/** What we and our user name: connections, types, stages, reasons. */
const name = fc.oneof(ANY, fc.string({ unit: fc.constantFrom(...HOSTILE) }));

const raw = fc
  .record({ bytes: fc.uint8Array({ maxLength: 50 }), isBinary: fc.boolean(), connectionId: name, sequence: fc.nat() })
  .map(({ bytes, ...receipt }) => new RawFrame({ ...receipt, rawData: bytes, timestamp: 0, receivedAt: 0 }));

const json = fc.oneof(
  fc.jsonValue({ stringUnit: 'binary' }),
  fc.dictionary(fc.oneof(text, fc.constantFrom('toJSON', '__proto__', 'level', 'msg', 'err')), fc.jsonValue()),
  fc.constantFrom(Infinity, -0),
);

const decoded = fc
  .tuple(raw, name, json, fc.constantFrom(true, false, undefined))
  .map(([frame, type, data, valid]) => new Decoded(frame, type, data, undefined, valid));

const outcome: Arbitrary<AnyFrame> = fc.oneof(
  raw,
  decoded,
  fc
    .tuple(fc.oneof(raw, decoded), name, name, fc.array(fc.record({ message: text, path: text }), { maxLength: 3 }))
    .map(([frame, stage, reason, issues]) => new RejectedFrame(frame, stage, reason, issues)),
);

/** What a line of JSON can keep of a value. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe('the audit log', () => {
  it('has one line of JSON for each outcome, whatever its payload, type and ids, and nothing else', async () => {
    const file = join(folder, 'audit.ndjson');
    const sink = pinoAuditSink({ destination: file });
    const given = fc.record({
      outcomes: fc.array(outcome, { minLength: 1, maxLength: 20 }),
      options: fc.record({ payloads: fc.boolean(), digests: fc.boolean() }),
    });
    await fuzz(given, async ({ outcomes, options }) => {
      truncateSync(file);
      const records = outcomes.map((one) => auditRecord(one, options));
      for (const record of records) sink.write(record);
      await sink.flush();

      const written = readFileSync(file, 'utf8');
      expect(written.endsWith('\n')).toBe(true);
      const lines = written.slice(0, -1).split('\n');
      expect(lines.map((line) => JSON.parse(line) as unknown)).toStrictEqual(
        records.map((record) => asJson({ level: record.outcome === 'rejected' ? 40 : 30, ...record })),
      );
      // What a record of an accepted frame says without the payload is ours, and the name of a type of the matrix.
      const foreign = lines.filter((_, at) => isRejected(outcomes[at]) || records[at]?.payload !== undefined);
      for (const line of foreign) expect(line).not.toMatch(UNSAFE_CHARACTER);
    });
    await sink.close();
    expect(sink.lost).toBe(0);
  });

  it('has one line of JSON for a payload that is nested too deep for JSON.stringify', async () => {
    const file = join(folder, 'deep.ndjson');
    const sink = pinoAuditSink({ destination: file });
    const data: unknown = JSON.parse('{"a":['.repeat(50_000) + ']}'.repeat(50_000));
    const frame = new RawFrame({
      rawData: Buffer.from('{'),
      isBinary: false,
      connectionId: 'deep',
      sequence: 0,
      timestamp: 0,
      receivedAt: 0,
    });
    sink.write(auditRecord(new Decoded(frame, 'deep', data, undefined), { payloads: true }));
    await sink.close();
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0]!)).toMatchObject({ frameId: 'deep-0', payload: { a: expect.anything() as unknown } });
    expect(sink.lost).toBe(0);
  });
});
