import { concatMap, from, queueScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { accepted } from '../../../operators/accepted.ts';
import { audit } from '../../../operators/audit.ts';
import { checksum } from '../../../operators/checksum.ts';
import { chunked } from '../../../operators/chunked.ts';
import { decode } from '../../../operators/decode.ts';
import { dedupe } from '../../../operators/dedupe.ts';
import { memberInBytes } from '../../../operators/member-in-bytes.ts';
import { preselect } from '../../../operators/preselect.ts';
import { retryAfterMs } from '../../../operators/retry-after.ts';
import { validate } from '../../../operators/validate.ts';
import { outcomeLine } from '../../../src/cli/stream/outcome-line.ts';
import { terminalText } from '../../../src/cli/terminal/terminal-text.ts';
import { feedTypes } from './feed.ts';
import { Message } from './message.ts';

/** So much takes milliseconds where the work grows with the bytes, and minutes where it grows with their square. */
const SIZE = 256 * 1024;
const MOST_MS = 4_000;

/** Bytes of that size: the same over and over between a start and an end. */
function full(part: string, start = '', end = ''): Uint8Array {
  const room = SIZE - Buffer.byteLength(start) - Buffer.byteLength(end);
  return Buffer.from(start + part.repeat(Math.floor(room / Buffer.byteLength(part))) + end);
}

/** What a scanner, a parser or a regular expression may go over again and again. */
const SHAPES: readonly (readonly [string, Uint8Array])[] = [
  ['zero bytes', new Uint8Array(SIZE)],
  ['0x80', new Uint8Array(SIZE).fill(0x80)],
  ['spaces', full(' ')],
  ['open brackets', full('[')],
  ['open objects', full('{"a":')],
  ['quotes', full('"', '{')],
  ['backslashes', full('\\', '{"')],
  ['escapes in a name', full('\\u0074', '{"', '":1,"type":"order"}')],
  ['a long string', full('日', '{"type":"order","id":"', '"}')],
  ['escapes', full('\\u001b', '{"type":"order","id":"', '"}')],
  ['digits', full('9', '{"type":"order","id":"a","amount":', '}')],
  ['members that are the type', full('"type":"order",', '{', '"id":"a"}')],
  ['members that are nearly the type', full('"typ\\u0065":"orde",', '{', '"type":"order","id":"a"}')],
  ['nesting', Buffer.from(`{"type":"tree","child":${'{"child":'.repeat(20_000)}{}${'}'.repeat(20_000)}}`)],
  ['violations', full('0,', '{"type":"order","id":"a","tags":[', '0]}')],
  ['letters for a pattern', full('A', '{"type":"order","id":"a","code":"', '"}')],
  ['wanted names in the wrong place', full('"order",', '{"a":[', '"order"]}')],
  ['parts of a digest', full('A', `{"type":"order","id":"a","digest":"sha-256=:${'A'.repeat(42)}E=:","x":"`, '"}')],
  ['bytes that are no text', full('é', '{"type":"order","id":"', '"}').fill(0xff, SIZE - 3)],
];

const types = feedTypes({});

/** Everything that a frame can go through, the command line's output included. */
function goThroughAll(bytes: Uint8Array, isBinary: boolean): number {
  const frame = new Message(bytes, isBinary).frame();
  let outcomes = 0;
  let written = 0;
  from([frame])
    .pipe(
      decode(types),
      validate(),
      checksum(),
      dedupe(),
      audit({ write: (record) => (written += record.byteLength) }, { payloads: true, digests: true }),
    )
    .subscribe((outcome) => {
      outcomes += 1;
      written += outcomeLine(outcome, 1, true).length;
    });
  from([frame])
    .pipe(preselect(types, ['order', 'media']))
    .subscribe();
  memberInBytes(bytes, ['type']);
  memberInBytes(bytes, ['a', 'type']);
  from([frame])
    .pipe(
      chunked({ chunkBytes: 64, scheduler: queueScheduler }),
      accepted(),
      concatMap(({ chunks$ }) => chunks$),
    )
    .subscribe((chunk) => (written += chunk.length));
  terminalText(Buffer.from(bytes).toString('latin1'));
  expect(written).toBeGreaterThan(0);
  return outcomes;
}

describe('a quarter of a megabyte', () => {
  it.each(SHAPES)('of %s goes through everything in time that grows with its length', (_what, bytes) => {
    for (const isBinary of [false, true]) {
      const start = performance.now();
      const outcomes = goThroughAll(bytes, isBinary);
      const taken = performance.now() - start;
      expect(outcomes).toBe(1);
      expect(taken).toBeLessThan(MOST_MS);
    }
  });

  it.each(['1', ' ', 'Sun, ', '0x', '9 '])('of %j in a Retry-After header is judged at once', (part) => {
    const header = part.repeat(SIZE / part.length);
    const start = performance.now();
    expect(retryAfterMs(header, 0)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(MOST_MS);
  });
});
