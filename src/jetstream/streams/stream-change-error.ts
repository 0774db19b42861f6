import { RxFrameError } from '../../../operators/errors.ts';

/** **What is declared can't be made of what is there without losing messages, or their order.** Nothing was changed. */
export class StreamChangeError extends RxFrameError {
  override readonly name = 'StreamChangeError';
  readonly code = 'ERR_STREAM_CHANGE';
  /** What stands against it, at least one entry. */
  readonly conflicts: readonly string[];

  constructor(stream: string, conflicts: readonly string[]) {
    super(`the streams of the name ${stream} can't be changed to what is declared: ${conflicts.join('; ')}`);
    this.conflicts = conflicts;
  }
}
