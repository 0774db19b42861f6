import type { MonoTypeOperatorFunction } from 'rxjs';
import { isRejected, type RawFrame, type RejectedFrame } from './frame.ts';
import { memberInBytes, undecided } from './member-in-bytes.ts';
import { MemberTrace } from './member-trace.ts';
import type { Meter } from './meter.ts';
import { Needle } from './needle.ts';
import { knownOptions, optionError, withMethod } from './options.ts';
import { madeByDefinePayloadTypes, type PayloadTypes } from './payload-types.ts';
import { left, outcomes } from './stage.ts';

/** Options of {@link preselect}. */
export interface PreselectOptions {
  /** Where the frames taken out are counted, as `skipped`. @defaultValue nowhere */
  readonly meter?: Pick<Meter, 'skip'>;
}

/**
 * **Keeps only the payload types named, deciding on the bytes alone**, before anything is parsed: a frame that nobody wants
 * costs a look for the names in its bytes.
 *
 *     in                        --a--b--c--a--|
 *     preselect(types, ['a'])   --a--------a--|
 *
 * It decides as {@link decode} would: by the string that a JSON parser finds at the type's place, or by a binary type's
 * recognition. What is taken out is no outcome: `in = accepted + rejected + skipped`.
 *
 * A frame that holds one of the names as the value of such a member, and is no JSON object, is kept for `decode` to reject; so
 * is one on which a binary type's recognition throws. Other broken frames are taken out like any that nobody wants; of a frame
 * that is only nearly JSON either may happen. Frames rejected before are kept.
 *
 * @param types - the payload type matrix that `decode` has
 * @param names - at least one; a name that the matrix does not have does not compile
 * @throws TypeError or RangeError at the call, where no name is given, the matrix does not have it, an option is not allowed,
 *   or the matrix finds its types by a function
 */
export function preselect<Types extends PayloadTypes>(
  types: Types,
  names: readonly (keyof Types['rows'] & string)[],
  options: PreselectOptions = {},
): MonoTypeOperatorFunction<RawFrame | RejectedFrame> {
  madeByDefinePayloadTypes('preselect: types', types);
  knownOptions('preselect', options, ['meter']);
  const meter = options.meter === undefined ? undefined : withMethod('preselect: meter', 'skip', options.meter);
  checkNames(names, Object.keys(types.rows));
  const path = types.typePath;
  if (path === undefined) {
    throw new TypeError('preselect: the matrix finds its types by a function, which needs the parsed payload');
  }

  const jsonNames = names.filter((name) => types.jsonType(name) !== undefined);
  // A name that is the value of no such member in the bytes can't be the type, unless one of the two is written with escapes.
  const member = path[path.length - 1] as string;
  const values = jsonNames.map((name) => new MemberTrace(member, name));
  const escape = new Needle(escapeIn([...jsonNames, member]));

  const isWanted = ({ rawData, isBinary }: RawFrame): boolean => {
    if (isBinary) {
      try {
        const binary = types.binaryNameOf(rawData);
        if (binary !== undefined) return (names as readonly string[]).includes(binary);
      } catch {
        return true;
      }
    }
    if (jsonNames.length === 0) return false;
    if (!values.some((value) => value.isIn(rawData)) && !escape.isIn(rawData)) return false;
    const name = memberInBytes(rawData, path);
    return name === undecided || (name !== undefined && jsonNames.includes(name));
  };

  return outcomes(() => (outcome: RawFrame | RejectedFrame) => {
    if (isRejected(outcome) || isWanted(outcome)) return outcome;
    meter?.skip();
    return left;
  });
}

function checkNames(names: unknown, known: readonly string[]): void {
  if (!Array.isArray(names)) throw optionError('preselect: names', 'an array of payload types', names, true);
  if (names.length === 0) throw new TypeError('preselect: name at least one payload type');
  for (const name of names as unknown[]) {
    if (known.includes(name as string)) continue;
    const allowed = `payload types of the matrix (${known.join(', ')})`;
    throw optionError('preselect: names', allowed, name, typeof name !== 'string');
  }
}

/** What escaped spellings of the names have in common: most characters can be escaped as `\uXXXX` only (RFC 8259 section 7). */
function escapeIn(names: readonly string[]): string {
  // eslint-disable-next-line no-control-regex -- control characters have escapes of their own
  return names.some((name) => /["\\/\u0000-\u001f]/.test(name)) ? '\\' : '\\u';
}
