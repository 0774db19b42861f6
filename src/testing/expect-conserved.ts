import { defer, tap, type OperatorFunction } from 'rxjs';
import type { AnyFrame } from '../../operators/frame.ts';
import { flag, knownOptions } from '../../operators/options.ts';

/** Options of {@link expectConserved}. */
export interface ExpectConservedOptions {
  /** Whether outcomes have to leave in the order of their frames. @defaultValue true */
  readonly ordered?: boolean;
}

/**
 * **Fails the stream where a frame has not exactly one outcome**: none at completion, two, one that never came in, or one out
 * of order. Wraps the part of a pipeline that is to be held to it, up to before `accepted()`.
 *
 *     in                             --a--b--c--|
 *     a stage that loses b           --a-----#          ConservationError
 *     a stage that loses c           --a--b-----#       ConservationError
 *
 * ```ts
 * source$.pipe(expectConserved(pipe(sizeGate(), decode(types), validate(), myStage())))
 * ```
 *
 * Frames are told apart by `frameId`; those of {@link frames} each have one of their own. Works in virtual time and in real time.
 *
 * @throws TypeError at the call, where an option is not allowed
 */
export function expectConserved<In extends AnyFrame, Out extends AnyFrame>(
  pipeline: OperatorFunction<In, Out>,
  options: ExpectConservedOptions = {},
): OperatorFunction<In, Out> {
  knownOptions('expectConserved', options, ['ordered']);
  const ordered = flag('expectConserved: ordered', options.ordered ?? true);
  return (source) =>
    defer(() => {
      /** The frames that have no outcome yet, oldest first. */
      const inside: string[] = [];
      const known = new Set<string>();

      const leaves = ({ frameId }: Out) => {
        const place = inside.indexOf(frameId);
        if (place < 0) {
          throw new ConservationError(
            known.has(frameId) ? `frame ${frameId} has two outcomes` : `frame ${frameId} came out, and never went in`,
          );
        }
        if (ordered && place > 0) {
          throw new ConservationError(
            `frame ${frameId} came out while ${String(inside[0])}, which went in before it, had no outcome`,
          );
        }
        inside.splice(place, 1);
      };

      return source.pipe(
        tap(({ frameId }: In) => {
          known.add(frameId);
          inside.push(frameId);
        }),
        pipeline,
        tap({
          next: leaves,
          complete: () => {
            if (inside.length > 0) throw new ConservationError(`no outcome came of ${listed(inside)}`);
          },
        }),
      );
    });
}

/** **A frame has not exactly one outcome.** */
export class ConservationError extends Error {
  override readonly name = 'ConservationError';
}

/** So many names that a reader gets the picture. */
const SHOWN = 5;

function listed(ids: readonly string[]): string {
  const more = ids.length > SHOWN ? `, and of ${ids.length - SHOWN} more` : '';
  return `${ids.slice(0, SHOWN).join(', ')}${more}`;
}
