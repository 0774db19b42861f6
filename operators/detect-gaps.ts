import type { NextObserver } from 'rxjs';
import type { LiveFrame } from './frame.ts';
import { callable, knownOptions, positiveInteger, withMethod } from './options.ts';
import { reporter } from './reporter.ts';
import { liftEach, type Stage } from './stage.ts';

/** What {@link detectGaps} says of a frame whose number is not the next one. The frame itself goes on untouched. */
export type SequenceNotice =
  /** Numbers were left out: `missing` of them, from `expected` on. */
  | {
      readonly type: 'gap';
      readonly key: string;
      readonly expected: number;
      readonly received: number;
      readonly missing: number;
    }
  /** A number that is not above the highest so far: it came late, or twice. */
  | { readonly type: 'reordered'; readonly key: string; readonly expected: number; readonly received: number };

/** Options of {@link detectGaps}. */
export interface DetectGapsOptions<Frame> {
  /** The whole number that the sender gave the frame; a frame for which it gives anything else has none. */
  readonly sequence: (frame: Frame) => number | undefined;
  /** Where the notices go. */
  readonly notices: NextObserver<SequenceNotice>;
  /** Which series a frame belongs to, such as its conversation. @defaultValue one series for all */
  readonly key?: (frame: Frame) => string;
  /** How many series are followed at most; the one unheard of for longest is forgotten first. @defaultValue 10,000 */
  readonly maxKeys?: number;
}

/**
 * **Notices where numbers that the sender gave its frames leave a hole or go back.** For feeds that number their events; the
 * frame's own `sequence` counts what was received, and so never has a hole. The first number of a series is taken as it is. A sender that starts again
 * from a lower number is reordered until it passes the highest. What `sequence` or `key` throws is the stream's error.
 *
 *     in        --1--2--5--4--6--|
 *     out       --1--2--5--4--6--|
 *     notices   --------g--r-----        g: gap, 3 expected, 2 missing    r: reordered, 6 expected
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function detectGaps<Frame extends LiveFrame>(options: DetectGapsOptions<Frame>): Stage<Frame> {
  knownOptions('detectGaps', options, ['sequence', 'notices', 'key', 'maxKeys']);
  const sequence = callable('detectGaps: sequence', options.sequence);
  withMethod('detectGaps: notices', 'next', options.notices);
  const notice = reporter('detectGaps: notices', options.notices);
  const keyOf = callable('detectGaps: key', options.key ?? (() => ''));
  const maxKeys = positiveInteger('detectGaps: maxKeys', options.maxKeys ?? 10_000);

  return liftEach(() => {
    /** The next number of each series, the one heard of last at the end. */
    const next = new Map<string, number>();

    return (frame: Frame) => {
      const received = sequence(frame);
      if (received === undefined || !Number.isSafeInteger(received)) return frame;
      const key = keyOf(frame);
      const expected = next.get(key);
      if (expected === undefined) {
        if (next.size === maxKeys) next.delete(next.keys().next().value as string);
      } else {
        next.delete(key);
        if (received > expected) {
          notice({ type: 'gap', key, expected, received, missing: received - expected });
        } else if (received < expected) {
          notice({ type: 'reordered', key, expected, received });
        }
      }
      next.set(key, Math.max(received + 1, expected ?? -Infinity));
      return frame;
    };
  });
}
