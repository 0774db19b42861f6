import { Needle } from './needle.ts';

const COLON = 0x3a;

/** **A member of a JSON object and its value, to look for in bytes**, fast: the two as they stand without escapes. */
export class MemberTrace {
  readonly #name: Needle;
  readonly #value: Needle;

  constructor(name: string, value: string) {
    this.#name = new Needle(`"${name}"`);
    this.#value = new Needle(`"${value}"`);
  }

  /** Whether they stand anywhere in `bytes`, at whatever depth. */
  isIn(bytes: Uint8Array): boolean {
    for (let at = this.#value.indexIn(bytes); at >= 0; at = this.#value.indexIn(bytes, at + 1)) {
      const colon = endWithoutSpace(bytes, at) - 1;
      if (bytes[colon] === COLON && this.#name.endsAt(endWithoutSpace(bytes, colon), bytes)) return true;
    }
    return false;
  }
}

/** Where the bytes in front of `end` end, white space (RFC 8259 section 2) left out. */
function endWithoutSpace(bytes: Uint8Array, end: number): number {
  let at = end;
  while (isSpace(bytes[at - 1])) at -= 1;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
