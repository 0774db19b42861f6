/** Characters of JSON payloads, the commonest first. All others are rarer. */
const COMMONEST = '"eation srdlc:,mu0123456789p-hfbgy{}.TwZv';

/** **A text to look for in bytes**, fast: by its rarest byte, which the platform finds sooner than a loop would. */
export class Needle {
  readonly #bytes: Uint8Array;
  /** The place of the rarest byte in it. */
  readonly #anchor: number;

  /** @param text - not empty */
  constructor(text: string) {
    this.#bytes = new TextEncoder().encode(text);
    this.#anchor = this.#bytes.indexOf(this.#bytes.reduce((a, b) => (rarity(b) > rarity(a) ? b : a)));
  }

  /** Whether the text, in UTF-8, stands in `bytes`. */
  isIn(bytes: Uint8Array): boolean {
    const needle = this.#bytes;
    const rarest = needle[this.#anchor] as number;
    for (let found = bytes.indexOf(rarest); found >= 0; found = bytes.indexOf(rarest, found + 1)) {
      const start = found - this.#anchor;
      let length = 0;
      while (length < needle.length && bytes[start + length] === needle[length]) length += 1;
      if (length === needle.length) return true;
    }
    return false;
  }
}

function rarity(byte: number): number {
  const place = COMMONEST.indexOf(String.fromCharCode(byte));
  return place < 0 ? COMMONEST.length : place;
}
