import type { OperatorFunction } from 'rxjs';
import { isRejected, mustBeDecoded, type Decoded, type Parsed, type RejectedFrame } from './frame.ts';
import { optionError } from './options.ts';
import { left, outcomes } from './stage.ts';

/**
 * **Narrows the stream to the payload types named**, and `decodedData` with it.
 *
 * Rejected frames are left out, whatever their type; use it after `accepted()`, or instead.
 *
 *     in                 --a--b--x--a--|
 *     ofType('a') out    --a--------a--|
 *
 * @param names - at least one; a name that the stream cannot have does not compile
 * @throws TypeError at the call, where no name is given, or one that is no string
 */
export function ofType<
  Frame extends Decoded<string, unknown> | Parsed<string, unknown>,
  const Name extends Frame['payloadType'],
>(
  ...names: readonly [Name, ...Name[]]
): OperatorFunction<Frame | RejectedFrame, Extract<Frame, { payloadType: Name }>> {
  if (names.length === 0) throw new TypeError('ofType: name at least one payload type');
  for (const name of names as readonly unknown[]) {
    if (typeof name !== 'string') throw optionError('ofType: names', 'strings', name, true);
  }
  return outcomes(() => (outcome: Frame | RejectedFrame) => {
    if (isRejected(outcome)) return left;
    mustBeDecoded('ofType', outcome);
    const isWanted = (names as readonly string[]).includes(outcome.payloadType);
    return isWanted ? (outcome as Extract<Frame, { payloadType: Name }>) : left;
  });
}
