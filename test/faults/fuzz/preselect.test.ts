import fc from 'fast-check';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { memberInBytes, undecided } from '../../../operators/member-in-bytes.ts';
import { preselect } from '../../../operators/preselect.ts';
import { feedMessage } from './feed-message.ts';
import { feedTypes, SCHEMAS } from './feed.ts';
import { fuzz } from './fuzz.ts';
import type { Message } from './message.ts';
import { plainJudge } from './plain-judge.ts';

const places = [['type'], ['header', 'kind'], ['__proto__', 'type']] as const;
const feeds = places.map((type) => ({ type, types: feedTypes({ type }) }));
const jsonNames = Object.keys(SCHEMAS) as (keyof typeof SCHEMAS)[];
const names = [...jsonNames, 'media', 'touchy'] as const;

/** The message as a JSON parser sees it; undefined where it sees none. */
function parsed({ bytes }: Message): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown };
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The type that `decode` finds, wanted or not; undefined where it rejects the message. */
function typeByDecode(message: Message, type: readonly string[]): string | undefined {
  const judgement = plainJudge(message, { maxBytes: Infinity, type, unknown: 'reject' });
  if (judgement.outcome === 'accepted') return judgement.payloadType;
  if (judgement.stage === 'decode') return undefined;
  let value = parsed(message)?.value;
  for (const name of type) value = Object.getOwnPropertyDescriptor(value, name)?.value;
  return value as string;
}

describe('preselect', () => {
  it('keeps what decode would give a wanted type, takes out what it would give another, and decides on broken ones as documented', async () => {
    const given = fc.record({
      messages: fc.array(feedMessage, { minLength: 1, maxLength: 6 }),
      feed: fc.nat(feeds.length - 1),
      wanted: fc.subarray([...names], { minLength: 1 }),
    });
    await fuzz(given, ({ messages, feed, wanted }) => {
      const { type, types } = feeds[feed]!;
      const kept: number[] = [];
      let skipped = 0;
      from(messages.map((message, sequence) => message.frame(sequence)))
        .pipe(preselect(types, wanted, { meter: { skip: () => (skipped += 1) } }))
        .subscribe(({ sequence }) => kept.push(sequence));

      expect(kept, 'in order').toStrictEqual([...new Set(kept)].sort((a, b) => a - b));
      expect(kept.length + skipped, 'kept or counted').toBe(messages.length);
      for (const [index, message] of messages.entries()) {
        const expected = isKept(message, type, wanted);
        if (expected !== 'either') expect(kept.includes(index), `message ${index}`).toBe(expected);
      }
    });
  });

  it('takes most messages that nobody wants out, and keeps some', () => {
    const decisions = fc
      .sample(feedMessage, { numRuns: 1_000, seed: 1 })
      .map((message) => isKept(message, ['type'], ['order', 'media']));
    for (const decision of [true, false, 'either']) {
      expect(decisions.filter((one) => one === decision).length, String(decision)).toBeGreaterThan(50);
    }
  });
});

/** What the page on `preselect` says of a message; `'either'` where it leaves that open. */
function isKept(message: Message, type: readonly string[], wanted: readonly string[]): boolean | 'either' {
  const found = typeByDecode(message, type);
  if (found !== undefined) return wanted.includes(found);
  if (message.isBinary && message.bytes[0] === 0x81) return true;

  const text = Buffer.from(message.bytes).toString('utf8');
  const wantedJson = jsonNames.filter((name) => wanted.includes(name));
  const holdsType = wantedJson.some((name) => memberAndValue(type.at(-1) ?? '', name).test(text));
  if (wantedJson.length === 0 || (!holdsType && !text.includes('\\'))) return false;
  const json = parsed(message);
  if (isObject(json?.value)) return false;
  const looksLikeObject = /^\ufeff?[ \t\r\n]*\{/.test(text);
  return holdsType && !looksLikeObject ? true : 'either';
}

/** A member and its value as JSON writes them without escapes, with whatever white space. */
function memberAndValue(name: string, value: string): RegExp {
  const [key, text] = [name, value].map((word) => `"${word.replaceAll(/[^\p{L}\p{N}_]/gu, '\\$&')}"`);
  return new RegExp(`${key}[ \\t\\r\\n]*:[ \\t\\r\\n]*${text}`);
}

describe('memberInBytes', () => {
  const paths = [['type'], ['header', 'kind'], ['__proto__', 'type'], ['id'], ['child', 'child', 'type'], ['', '']];

  it('reads what JSON.parse finds off every JSON object, and gives one of its three answers for anything else', async () => {
    await fuzz(fc.tuple(feedMessage, fc.constantFrom(...paths)), ([message, path]) => {
      const answer = memberInBytes(message.bytes, path);
      const json = parsed(message);
      if (json === undefined) {
        expect(answer === undecided || answer === undefined || typeof answer === 'string').toBe(true);
      } else if (isObject(json.value)) {
        let value: unknown = json.value;
        for (const name of path) {
          value = isObject(value) ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
        }
        expect(answer).toBe(typeof value === 'string' ? value : undefined);
      } else {
        expect(answer).toBe(undecided);
      }
    });
  });
});
