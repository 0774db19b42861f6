import fc, { type Arbitrary } from 'fast-check';

/** What does not belong into a text, or only looks as if it did. */
const FOREIGN: readonly Uint8Array[] = [
  // Overlong forms, surrogates alone and in a pair, what is above U+10FFFF: RFC 3629 section 3 forbids them.
  [0xc0, 0xaf],
  [0xe0, 0x80, 0xaf],
  [0xf0, 0x80, 0x80, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xed, 0xa0, 0xbd, 0xed, 0xb2, 0xbb],
  [0xf4, 0x90, 0x80, 0x80],
  // Bytes that continue nothing, that lack what should follow, and that never occur.
  [0x80],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x93],
  [0xff],
  // Valid, and strange: a byte order mark, a non-character, controls, a line separator.
  [0xef, 0xbb, 0xbf],
  [0xef, 0xbf, 0xbf],
  [0x00],
  [0x1b],
  [0x0a],
  [0xc2, 0x9b],
  [0xe2, 0x80, 0xa8],
  ...['"', '\\', '{', '}', '[', ']', ':', ',', '\\u0000', '\\ud800', '\\u12', '1e999', '"type":', '"__proto__":{'].map(
    (text) => Buffer.from(text),
  ),
].map((bytes) => Uint8Array.from(bytes));

type Mutation = (bytes: Uint8Array) => Uint8Array;

function replaced(bytes: Uint8Array, at: number, count: number, by: Uint8Array): Uint8Array {
  const start = at % (bytes.length + 1);
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(start + count)]));
}

const place = fc.nat();
const length = fc.nat(20);
const nothing = new Uint8Array(0);

const mutation: Arbitrary<Mutation> = fc.oneof(
  place.map(
    (at): Mutation =>
      (bytes) =>
        replaced(bytes, at, Infinity, nothing),
  ),
  fc.tuple(place, length).map(
    ([at, count]): Mutation =>
      (bytes) =>
        replaced(bytes, at, count, nothing),
  ),
  fc.tuple(place, fc.nat(2), fc.constantFrom(...FOREIGN)).map(
    ([at, count, by]): Mutation =>
      (bytes) =>
        replaced(bytes, at, count, by),
  ),
  fc.tuple(place, fc.nat(255)).map(
    ([at, byte]): Mutation =>
      (bytes) =>
        replaced(bytes, at, 1, Uint8Array.of(byte)),
  ),
  fc.tuple(place, fc.nat(7)).map(
    ([at, bit]): Mutation =>
      (bytes) =>
        flipped(bytes, at, bit),
  ),
  // A part of it once more, somewhere else.
  fc.tuple(place, length, place).map(([from, count, to]): Mutation => (bytes) => {
    const start = from % (bytes.length + 1);
    return replaced(bytes, to, 0, bytes.subarray(start, start + count));
  }),
);

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const start = at % (bytes.length + 1);
  return bytes.map((byte, index) => (index === start ? byte ^ (1 << bit) : byte));
}

/** **Bytes with a few changes**: cut, deleted, foreign bytes put in, overwritten, a bit flipped, a part repeated. */
export function mutated(bytes: Arbitrary<Uint8Array>): Arbitrary<Uint8Array> {
  return fc
    .tuple(bytes, fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([start, mutations]) => mutations.reduce((now, mutate) => mutate(now), start));
}
