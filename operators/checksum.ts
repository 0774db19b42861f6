import { errorName } from './error-name.ts';
import { mustBeDecoded, RejectedFrame, type Decoded, type Parsed } from './frame.ts';
import { lift, type Stage } from './stage.ts';

/**
 * **Compares the payload's digest with the one it should have**, where the payload type's rule gives one.
 *
 * `checksumValid` becomes `true` where they are equal. It stays `undefined` where there was nothing to compare: never
 * `true` unchecked. A rule that throws rejects the frame.
 *
 *     in        --a--b--c--|        b: another digest than expected    c: a type without a rule
 *     out       --A--x--c--|        x: rejected, stage 'checksum', reason 'checksum-mismatch'
 */
export function checksum<Frame extends Decoded<string, unknown> | Parsed<string, unknown>>(): Stage<Frame> {
  return lift((frame: Frame) => {
    mustBeDecoded('checksum', frame);
    const rule = frame.definition?.checksum;
    if (rule === undefined) return frame;
    try {
      const expected = rule.expected(frame.decodedData, frame);
      if (expected === undefined) return frame;
      const bytes = rule.covers?.(frame.decodedData, frame) ?? frame.rawData;
      const actual = rule.digest(bytes);
      return actual === expected
        ? (frame.withChecksum(true) as Frame)
        : mismatch(frame, 'the digest of the payload is not the one it carries');
    } catch (error) {
      return mismatch(frame, `the checksum rule threw ${errorName(error)}`);
    }
  });
}

function mismatch(frame: Decoded<string, unknown> | Parsed<string, unknown>, message: string): RejectedFrame {
  return new RejectedFrame(frame, 'checksum', 'checksum-mismatch', [{ message }], false);
}
