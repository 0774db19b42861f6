import type { MonoTypeOperatorFunction } from 'rxjs';
import { isRejected, type RawFrame, type RejectedFrame } from './frame.ts';
import { memberInBytes, undecided } from './member-in-bytes.ts';
import type { Meter } from './meter.ts';
import { knownOptions, optionError, withMethod } from './options.ts';
import type { PayloadTypes } from './payload-types.ts';
import { left, outcomes } from './stage.ts';

/** Options of {@link preselect}. */
export interface PreselectOptions {
  /** Where the frames taken out are counted, as `skipped`. @defaultValue nowhere */
  readonly meter?: Pick<Meter, 'skip'>;
}

const BACKSLASH = 0x5c;

/**
 * **Keeps only the payload types named, deciding on the bytes alone**, before anything is parsed: a frame that nobody wants
 * costs a look for the names in its bytes.
 *
 *     in                        --a--b--c--a--|
 *     preselect(types, ['a'])   --a--------a--|
 *
 * It decides as {@link decode} would: by the string that a JSON parser finds at the type's place, or by a binary type's
 * recognition. Frames that are no JSON object but hold one of the names are kept for `decode` to reject; so are rejected ones. What is taken
 * out is no outcome: `in = accepted + rejected + skipped`.
 *
 * @param types - the payload type matrix that `decode` has
 * @param names - at least one; a name that the matrix does not have does not compile
 * @throws TypeError or RangeError at the call, where no name is given, the matrix does not have it, or it finds its types by a function
 */
export function preselect<Types extends PayloadTypes>(
  types: Types,
  names: readonly (keyof Types['rows'] & string)[],
  options: PreselectOptions = {},
): MonoTypeOperatorFunction<RawFrame | RejectedFrame> {
  withMethod('preselect: types', 'nameOf', types);
  knownOptions('preselect', options, ['meter']);
  const meter = options.meter && withMethod('preselect: meter', 'skip', options.meter);
  if (names.length === 0) throw new TypeError('preselect: name at least one payload type');
  const known = Object.keys(types.rows);
  for (const name of names) {
    if (!known.includes(name))
      throw optionError('preselect: names', `payload types of the matrix (${known.join(', ')})`, name);
  }
  const path = types.typePath;
  if (path === undefined) {
    throw new TypeError('preselect: the matrix finds its types by a function, which needs the parsed payload');
  }

  const wanted = new Set<string>(names);
  const literals = names
    .filter((name) => types.jsonType(name) !== undefined)
    .map((name) => new TextEncoder().encode(name));

  const isWanted = ({ rawData, isBinary }: RawFrame): boolean => {
    const binary = isBinary ? types.binaryNameOf(rawData) : undefined;
    if (binary !== undefined) return wanted.has(binary);
    // A name that is not there can't be the value, unless it is written with escapes.
    const mayHold = literals.some((literal) => includes(rawData, literal)) || rawData.includes(BACKSLASH);
    if (!mayHold) return false;
    const name = memberInBytes(rawData, path);
    return name === undecided || (name !== undefined && wanted.has(name));
  };

  return outcomes(() => (outcome: RawFrame | RejectedFrame) => {
    if (isRejected(outcome) || isWanted(outcome)) return outcome;
    meter?.skip();
    return left;
  });
}

/** Whether `part`, which is not empty, stands in `bytes`. */
function includes(bytes: Uint8Array, part: Uint8Array): boolean {
  const first = part[0] as number;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    let length = 1;
    while (length < part.length && bytes[at + length] === part[length]) length += 1;
    if (length === part.length) return true;
  }
  return false;
}
