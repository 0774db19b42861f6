import type { Receipt } from './frame.ts';
import { callable, withMethod } from './options.ts';
import type { FormatCheck, Validator } from './validator.ts';

/**
 * Where the digest of a payload of some type is found, and what it covers. (Methods, not function members, so that a row
 * for some type of data is a row for `unknown` too.)
 */
export interface ChecksumRule<Data> {
  /** The digest that the payload should have, or `undefined` where this one has none to compare with. */
  expected(this: void, data: Data, frame: Receipt): string | undefined;
  /** The bytes that the digest covers. @defaultValue the whole payload as received */
  covers?(this: void, data: Data, frame: Receipt): Uint8Array;
  /** Computes the digest, in the form that `expected` gives it: `(bytes) => sha256(bytes, 'base64')`. */
  digest(this: void, bytes: Uint8Array): string;
}

/** What all payload types may have. */
export interface PayloadTypeOptions<Data> {
  /** The rule by which `checksum` compares. @defaultValue none: `checksumValid` stays `undefined` */
  readonly checksum?: ChecksumRule<Data>;
  /** What makes two frames the same event, for `dedupe` and `handover`. @defaultValue the digest of the payload */
  identity?(this: void, data: Data, frame: Receipt): string | undefined;
}

/** One row of the payload type matrix. Made by `jsonType`, `standardType` and `binaryType`. */
export interface PayloadType<Data> extends PayloadTypeOptions<Data> {
  readonly format: 'json' | 'binary';
  /** For binary types that a byte tells: the byte that each of their payloads starts with. */
  readonly firstByte?: number;
  /** For binary types: whether these bytes are of this type. */
  recognises(this: void, bytes: Uint8Array): boolean;
  /** For JSON types: the compiled schema. Throws where the schema is none. */
  validator(this: void, formats: FormatCheck): Validator | undefined;
}

/** The options that all payload types have, checked. */
export function checkedOptions<Data, Options extends PayloadTypeOptions<Data>>(
  where: string,
  options: Options,
): Options {
  if (options.identity !== undefined) callable(`${where}: identity`, options.identity);
  if (options.checksum !== undefined) {
    withMethod(`${where}: checksum`, 'expected', options.checksum);
    callable(`${where}: checksum.digest`, options.checksum.digest);
    if (options.checksum.covers !== undefined) callable(`${where}: checksum.covers`, options.checksum.covers);
  }
  return options;
}
