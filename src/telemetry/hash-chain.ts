import { hash } from 'node:crypto';

/** What the first record of a chain has as `prev`. */
export const NO_RECORD = '0'.repeat(64);

/** Most bytes by which a link makes a line longer. */
export const LONGEST_LINK = `,"seq":${Number.MAX_SAFE_INTEGER},"prev":"${NO_RECORD}","hash":"${NO_RECORD}"}`.length;

/** The end of a linked line, without its newline: from `hash` on it is not part of what is hashed. */
const LINK = /,"seq":([1-9]\d{0,15}),"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}$/;
const HASH_MEMBER = `,"hash":"${NO_RECORD}"}`.length;

/** What a linked line says of its place in the chain. */
export interface Link {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  /** The hash that its bytes have: another one where the line was changed. */
  readonly actual: string;
}

/** A place in a chain: that of its last record. */
export type ChainEnd = Pick<Link, 'seq' | 'hash'>;

/** Reads the link of a line, given without its newline; undefined where it has none. */
export function linkOf(line: Buffer): Link | undefined {
  const found = LINK.exec(line.toString('latin1', Math.max(0, line.length - LONGEST_LINK)));
  if (found === null) return undefined;
  const [, seq, prev = '', stated = ''] = found;
  return { seq: Number(seq), prev, hash: stated, actual: hash('sha256', line.subarray(0, -HASH_MEMBER), 'hex') };
}

/**
 * **Links lines of JSON to a chain**: each gets its number (`seq`), the hash of the line before (`prev`), and its own (`hash`):
 * SHA-256, in hex, over the bytes of the line up to `,"hash":`.
 */
export class HashChain {
  /** The last record that is written, as far as {@link written} was told. */
  lastHash: string;
  #seq: number;
  #prev: string;

  /** @param end - the record to go on from; without it the chain begins */
  constructor(end: ChainEnd = { seq: 0, hash: NO_RECORD }) {
    this.#seq = end.seq;
    this.#prev = end.hash;
    this.lastHash = end.hash;
  }

  /** The line as the next of the chain; it ends in `}` and a newline. */
  link(line: string): string {
    this.#seq += 1;
    const hashed = `${line.slice(0, -2)},"seq":${this.#seq},"prev":"${this.#prev}"`;
    this.#prev = hash('sha256', hashed, 'hex');
    return `${hashed},"hash":"${this.#prev}"}\n`;
  }

  /** Told of whole lines that are written, each with its newline. */
  written(lines: Buffer): void {
    if (lines.length > 0) this.lastHash = lines.toString('latin1', lines.length - 67, lines.length - 3);
  }
}
