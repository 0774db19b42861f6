import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberInBytes, undecided } from '../operators/member-in-bytes.ts';
import { jsonText } from './json-text.ts';

const utf8 = new TextEncoder();

/** What {@link memberInBytes} should give, as a JSON parser sees it. */
function memberByParser(text: string, path: readonly string[]): unknown {
  let value = JSON.parse(text.replace(/^\ufeff/, '')) as unknown;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undecided;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return typeof value === 'string' ? value : undefined;
}

/** These bytes, with a count of how many of them were read. */
function counted(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly reads: () => number } {
  let reads = 0;
  const proxy = new Proxy(bytes, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
      if (key !== 'subarray') return Reflect.get(target, key, target) as unknown;
      return (start: number, end: number) => {
        const part = target.subarray(start, end);
        reads += part.length;
        return part;
      };
    },
  });
  return { bytes: proxy, reads: () => reads };
}

const paths = [['t'], ['y'], ['t', 't'], ['t', 'y'], ['t', 't', 'y'], ['é/'], ['t', 'é/'], ['__proto__'], ['', 't']];
const texts = jsonText({
  members: ['t', 't', 't', 't', 'y', 'y', 'é/', '__proto__', ''],
  values: ['t', 'keepalive', 'a"b\\'],
});

describe('memberInBytes', () => {
  it.each<[string, readonly string[], unknown]>([
    ['{"type":"a"}', ['type'], 'a'],
    ['{"x":[{"type":"b"},"}"],"type":"a","z":{"type":"c"}}', ['type'], 'a'],
    ['{"type":"a","type":"b"}', ['type'], 'b'],
    ['{"type":"a","type":1}', ['type'], undefined],
    ['{"type":"a","type":{"type":"b"}}', ['type'], undefined],
    ['{"t\\u0079pe":"\\u0061"}', ['type'], 'a'],
    ['\ufeff { "type" : "a" } ', ['type'], 'a'],
    ['{"h":{"t":"a"},"h":{}}', ['h', 't'], undefined],
    ['{"h":{},"h":{"t":"a"},"t":"b"}', ['h', 't'], 'a'],
    ['{"h":{"t":"a"},"h":"b"}', ['h', 't'], undefined],
    ['{"h":[{"t":"a"}]}', ['h', 't'], undefined],
    ['{"t":"a"}', ['h', 't'], undefined],
    ['{"a":{"b":{"c":"x","d":{"c":"y"}},"c":"z"}}', ['a', 'b', 'c'], 'x'],
    ['{"text":"\\"type\\":\\"b\\"\\\\","type":"a"}', ['type'], 'a'],
    ['{"typ":"b","types":"c"}', ['type'], undefined],
    ['{"type":""}', ['type'], ''],
    ['{"日本":"a"}', ['日本'], 'a'],
    ['{}', ['type'], undefined],
    ['[]', ['type'], undecided],
    ['"type"', ['type'], undecided],
    ['', ['type'], undecided],
    ['{', ['type'], undecided],
    ['{"type" "a"}', ['type'], undecided],
    ['{xtype":"a"}', ['type'], undecided],
  ])('reads from %j at %j', (text, path, expected) => {
    expect(memberInBytes(utf8.encode(text), path)).toBe(expected);
  });

  it.each([[[0xef, 0xbb, 0x20]], [[0xef, 0x20, 0xbf]], [[0x20, 0xbb, 0xbf]]])(
    'takes %j for no byte order mark',
    (bytes) => {
      expect(memberInBytes(Uint8Array.of(...bytes, ...utf8.encode('{"type":"a"}')), ['type'])).toBe(undecided);
    },
  );

  it('gives what JSON.parse finds, for any JSON text and any path', () => {
    let found = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = utf8.encode(text);
        for (const path of paths) {
          const expected = memberByParser(text, path);
          expect(memberInBytes(bytes, path), path.join('.')).toBe(expected);
          if (typeof expected === 'string') found += 1;
        }
      }),
      { numRuns: 1_000 },
    );
    expect(found, 'paths with a string').toBeGreaterThan(100);
  });

  it('never throws, and reads each byte a few times at most, whatever the bytes', () => {
    const structural = fc.constantFrom(...utf8.encode('{}[]",:\\t 0'), 0xef, 0xff);
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 150 }),
      fc.array(structural, { maxLength: 150 }).map((bytes) => Uint8Array.of(0x7b, ...bytes)),
      fc.tuple(texts, fc.nat(), structural).map(([text, place, byte]) => {
        const bytes = utf8.encode(text);
        bytes[place % bytes.length] = byte;
        return bytes;
      }),
    );
    fc.assert(
      fc.property(hostile, fc.constantFrom(...paths), (bytes, path) => {
        const { bytes: watched, reads } = counted(bytes);
        expect(['string', 'symbol', 'undefined']).toContain(typeof memberInBytes(watched, path));
        expect(reads()).toBeLessThanOrEqual(8 * bytes.length + 8);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[string, string]>([
    ['brackets', `{"a":${'['.repeat(100_000)}`],
    ['braces', '{"a":'.repeat(20_000)],
    ['quotes', `{${'"'.repeat(100_000)}`],
    ['backslashes', `{"${'\\'.repeat(100_000)}`],
    ['members', `{${'"t":"x",'.repeat(10_000)}"t":"y"}`],
    ['spaces', `{${' '.repeat(100_000)}`],
  ])('gets through 100,000 bytes of %s', (_name, text) => {
    const bytes = utf8.encode(text);
    const { bytes: watched, reads } = counted(bytes);
    memberInBytes(watched, ['t']);
    expect(reads()).toBeLessThanOrEqual(8 * bytes.length);
  });

  it('finds a member after data nested deeper than any stack', () => {
    const text = `{"x":${'['.repeat(500_000)}${']'.repeat(500_000)},"type":"a"}`;
    expect(memberInBytes(utf8.encode(text), ['type'])).toBe('a');
  });
});
