import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Needle } from '../operators/needle.ts';

const utf8 = new TextEncoder();

describe('Needle', () => {
  it.each<[string, string, boolean]>([
    ['"a"', '"a"', true],
    ['"a"', '{"a":1}', true],
    ['"a"', '"a', false],
    ['"a"', 'a"', false],
    ['"a"', '', false],
    ['\\u', 'x\\u', true],
    ['\\u', 'x\\', false],
    ['kk1', 'kkk1', true],
    ['日本', '日日本', true],
    ['日本', '日 本', false],
  ])('%j in %j: %j', (text, bytes, expected) => {
    expect(new Needle(text).isIn(utf8.encode(bytes))).toBe(expected);
  });

  it('finds what a search in the text finds, wherever it stands and however often it nearly does', () => {
    const unit = fc.constantFrom('a', 'k', '"', '\\', 'é');
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 4 }), fc.string({ unit, maxLength: 40 }), (text, all) => {
        expect(new Needle(text).isIn(utf8.encode(all))).toBe(all.includes(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('says where the text next stands', () => {
    const bytes = utf8.encode('"a""a"x"a"');
    const needle = new Needle('"a"');
    expect([0, 1, 3, 4, 7, 8].map((from) => needle.indexIn(bytes, from))).toStrictEqual([0, 3, 3, 7, 7, -1]);
  });

  it('says whether the text ends at a place', () => {
    const bytes = utf8.encode('"a"x"a');
    expect([-1, 0, 2, 3, 4, 6, 9].map((end) => new Needle('"a"').endsAt(end, bytes))).toStrictEqual([
      false,
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  it('looks only at what a view shows of its buffer', () => {
    const buffer = utf8.encode('xx"a"xx');
    expect(new Needle('"a"').isIn(buffer.subarray(2, 5))).toBe(true);
    expect(new Needle('"a"').isIn(buffer.subarray(2, 4))).toBe(false);
    expect(new Needle('"a"').isIn(buffer.subarray(3, 7))).toBe(false);
  });

  it.each([
    ['"data"', 'd'],
    ['"end"', 'd'],
    ['"TwZv"', 'v'],
    ['"1+1=2"', '+'],
    ['""', '"'],
  ])('looks for %j by its rarest byte, the first of them: %s', (text, byte) => {
    const bytes = utf8.encode('#');
    const search = vi.spyOn(bytes, 'indexOf');
    new Needle(text).isIn(bytes);
    expect(search.mock.calls).toStrictEqual([[byte.charCodeAt(0), text.indexOf(byte)]]);
  });
});
