import fc from 'fast-check';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { accepted } from '../../../operators/accepted.ts';
import type { AuditRecord } from '../../../operators/audit-record.ts';
import { audit } from '../../../operators/audit.ts';
import { checksum } from '../../../operators/checksum.ts';
import { decode } from '../../../operators/decode.ts';
import { isRejected, type AnyFrame } from '../../../operators/frame.ts';
import { Meter } from '../../../operators/meter.ts';
import { metrics } from '../../../operators/metrics.ts';
import { rejected } from '../../../operators/rejected.ts';
import { sizeGate } from '../../../operators/size-gate.ts';
import { validate } from '../../../operators/validate.ts';
import { feedMessage } from './feed-message.ts';
import { feedTypes } from './feed.ts';
import { fuzz } from './fuzz.ts';
import { plainJudge, type Judgement } from './plain-judge.ts';
import { sameJson } from './same-json.ts';
import { UNSAFE_CHARACTER } from './unsafe-character.ts';

const places = [['type'], ['header', 'kind'], ['__proto__', 'type']] as const;
const policies = ['reject', 'pass'] as const;

/** Feeds that differ in where the type stands and in what becomes of types that nobody knows. To compile one takes time. */
const feeds = places.flatMap((type) =>
  policies.map((unknown) => ({ type, unknown, types: feedTypes({ type, unknown }) })),
);

/** Every payload type, and every reason to reject a message. */
const KINDS = [
  ...['order', 'a:b/"c"', '日本', 'tree', 'media', 'touchy', 'unknown'],
  ...['oversize', 'invalid-utf8', 'malformed-json', 'unknown-type', 'schema', 'checksum-mismatch'],
];

/** An outcome in the words of the oracle, its data aside. */
function shortly(outcome: AnyFrame): unknown {
  if (isRejected(outcome)) {
    const { stage, reason, issues } = outcome;
    return { outcome: 'rejected', stage, reason, issues: issues.length };
  }
  if (outcome.kind === 'raw') return 'nothing was decided';
  return { outcome: 'accepted', payloadType: outcome.payloadType, checksum: outcome.checksumValid };
}

function expected(judgement: Judgement): unknown {
  if (judgement.outcome === 'rejected') return judgement;
  const { outcome, payloadType, checksum } = judgement;
  return { outcome, payloadType, checksum };
}

describe('the stages', () => {
  it('give each message one outcome, in order: the one that TextDecoder, JSON.parse, ajv and node:crypto say', async () => {
    const given = fc.record({
      messages: fc.array(feedMessage, { minLength: 1, maxLength: 6 }),
      feed: fc.nat(feeds.length - 1),
      maxBytes: fc.constantFrom(40, 1_000_000),
    });
    await fuzz(given, ({ messages, feed, maxBytes }) => {
      const { types, type, unknown } = feeds[feed]!;
      const meter = new Meter();
      const records: AuditRecord[] = [];
      const outcomes: AnyFrame[] = [];
      from(messages.map((message, sequence) => message.frame(sequence)))
        .pipe(
          sizeGate({ maxBytes }),
          decode(types),
          validate(),
          checksum(),
          metrics(meter),
          audit({ write: (record) => records.push(record) }),
        )
        .subscribe((outcome) => outcomes.push(outcome));

      const judgements = messages.map((message) => plainJudge(message, { maxBytes, type, unknown }));
      expect(outcomes.map(shortly)).toStrictEqual(judgements.map(expected));
      for (const [index, outcome] of outcomes.entries()) {
        const message = messages[index]!;
        const judgement = judgements[index]!;
        expect(outcome).toMatchObject({ sequence: index, byteLength: message.bytes.length });
        expect(outcome.rawData, 'the bytes as received').toBe(message.bytes);
        if (judgement.outcome === 'accepted' && outcome.kind === 'parsed') {
          expect(sameJson(outcome.decodedData, judgement.data), 'the data is what JSON.parse gives').toBe(true);
        }
      }

      const count = (reason: string) =>
        judgements.filter((judgement) => judgement.outcome === 'rejected' && judgement.reason === reason).length;
      const { frames, accepted, byReason, bytes } = meter.snapshot();
      expect(frames).toBe(messages.length);
      expect(accepted).toBe(judgements.filter(({ outcome }) => outcome === 'accepted').length);
      for (const reason of Object.keys(byReason)) expect(byReason[reason], reason).toBe(count(reason));
      expect(bytes).toBe(messages.reduce((sum, message) => sum + message.bytes.length, 0));
      expect(records.map(({ frameId, outcome }) => [frameId, outcome])).toStrictEqual(
        judgements.map(({ outcome }, index) => [`fuzz-${index}`, outcome]),
      );
    });
  });

  it('are tried with messages of every payload type, and with every reason to reject one', () => {
    const { type, unknown } = feeds[1]!;
    const judgements = fc
      .sample(feedMessage, { numRuns: 2_000, seed: 1 })
      .map((message) => plainJudge(message, { maxBytes: 40_000, type, unknown }));
    const kinds = judgements.map((judgement) =>
      judgement.outcome === 'accepted' ? judgement.payloadType : judgement.reason,
    );
    const seldom = KINDS.filter((kind) => kinds.filter((one) => one === kind).length < 5);
    expect(seldom, 'kinds of messages that are hardly ever made').toStrictEqual([]);
  });

  it('divide the messages into accepted and rejected ones, none in both and none in neither', async () => {
    const types = feedTypes({});
    await fuzz(fc.array(feedMessage, { maxLength: 10 }), (messages) => {
      const source = from(messages.map((message, sequence) => message.frame(sequence))).pipe(decode(types), validate());
      const good: number[] = [];
      const bad: number[] = [];
      source.pipe(accepted()).subscribe(({ sequence }) => good.push(sequence));
      source.pipe(rejected()).subscribe(({ sequence }) => bad.push(sequence));
      expect([...good, ...bad].sort((a, b) => a - b)).toStrictEqual(messages.map((_, sequence) => sequence));
      expect(good).toStrictEqual([...good].sort((a, b) => a - b));
    });
  });

  it('say what is wrong in at most 200 characters that are safe for a log', async () => {
    const types = feedTypes({});
    await fuzz(feedMessage, (message) => {
      from([message.frame()])
        .pipe(decode(types), validate(), checksum(), rejected())
        .subscribe(({ issues }) => {
          expect(issues.length).toBeGreaterThan(0);
          for (const { message: text, path = '' } of issues) {
            expect(text).not.toBe('');
            for (const part of [text, path]) {
              expect(part).not.toMatch(UNSAFE_CHARACTER);
              expect(part.length).toBeLessThanOrEqual(200);
            }
          }
        });
    });
  });
});
