import { RxFrameError } from '../../../operators/errors.ts';

/** **Thrown by the work of `ackWith`: trying again does not help.** The frame becomes a dead letter at once. */
export class DeadLetterError extends RxFrameError {
  override readonly name = 'DeadLetterError';
  readonly code = 'ERR_DEAD_LETTER';
}
