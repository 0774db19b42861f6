const encoder = new TextEncoder();

/** Where FNV-1a with 32 bits begins. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * **A 32-bit hash of a text**: FNV-1a over its UTF-8, and then the final mix of MurmurHash3, without which texts that differ in
 * their last character only would hash alike in their high bits. It is no protection against those who choose texts to collide.
 *
 * It is a part of what programs on several machines agree on, and doesn't change: {@link partitionOf} and {@link ownersOf}
 * go by it. FNV: draft-eastlake-fnv.
 *
 * @param seed - where it begins; another hash, to hash two texts into one number
 * @returns a whole number from 0 to 2³² − 1
 */
export function hash(text: string, seed = OFFSET_BASIS): number {
  let state = seed;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return mix(overBytes(encoder.encode(text), seed));
    state = Math.imul(state ^ unit, PRIME);
  }
  return mix(state);
}

function overBytes(bytes: Uint8Array, seed: number): number {
  let state = seed;
  for (const byte of bytes) state = Math.imul(state ^ byte, PRIME);
  return state;
}

/** MurmurHash3's `fmix32`: each bit of the input changes each bit of the output with a probability of about one half. */
function mix(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
