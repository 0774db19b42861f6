import type { NextObserver } from 'rxjs';
import { reject, type RawFrame } from './frame.ts';
import { knownOptions, positiveInteger, positiveIntegerOrInfinity } from './options.ts';
import { reporter } from './reporter.ts';
import { lift, type Stage } from './stage.ts';

/** What {@link sizeGate} says of a large frame that it lets through. */
export interface LargeFrameNotice {
  readonly type: 'large-frame';
  readonly frameId: string;
  readonly byteLength: number;
}

/** Options of {@link sizeGate}. */
export interface SizeGateOptions {
  /** Largest frame let through, in bytes. @defaultValue 5 MiB (5,242,880) */
  readonly maxBytes?: number;
  /** Frames larger than this, in bytes, are let through with a notice. `Infinity`: none. @defaultValue 1 MiB (1,048,576) */
  readonly noticeBytes?: number;
  /** Where the notices go. @defaultValue nowhere */
  readonly notices?: NextObserver<LargeFrameNotice>;
}

/**
 * **Rejects frames larger than `maxBytes`, before anything reads them.**
 *
 * Looks at the length only, so an oversize frame costs nothing but its receipt. The stream goes on; the hard cap that
 * keeps such a frame from being received at all is `connect`'s `maxPayload`.
 *
 *     in        --a--B--c--|
 *     out       --a--x--c--|        x: rejected, stage 'size-gate', reason 'oversize'
 *
 * @param options - see {@link SizeGateOptions}
 * @throws RangeError at the call, where `maxBytes` or `noticeBytes` is not a positive integer
 */
export function sizeGate(options: SizeGateOptions = {}): Stage<RawFrame> {
  knownOptions('sizeGate', options, ['maxBytes', 'noticeBytes', 'notices']);
  const maxBytes = positiveInteger('sizeGate: maxBytes', options.maxBytes ?? 5 * 1024 * 1024);
  const noticeBytes = positiveIntegerOrInfinity('sizeGate: noticeBytes', options.noticeBytes ?? 1024 * 1024);
  const notice = reporter('sizeGate: notices', options.notices);

  return lift((frame) => {
    if (frame.byteLength > maxBytes) {
      return reject(frame, 'size-gate', 'oversize', `${frame.byteLength} bytes, at most ${maxBytes} are allowed`);
    }
    if (frame.byteLength > noticeBytes) {
      notice({ type: 'large-frame', frameId: frame.frameId, byteLength: frame.byteLength });
    }
    return frame;
  });
}
