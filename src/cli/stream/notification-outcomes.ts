import type { Observable } from 'rxjs';
import { decode } from '../../../operators/decode.ts';
import type { AnyFrame, RawFrame, RejectedFrame } from '../../../operators/frame.ts';
import { sizeGate } from '../../../operators/size-gate.ts';
import { validate } from '../../../operators/validate.ts';
import { notificationTypes } from '../../genesys/notifications/notification-types.ts';

/** **The stages for notifications**, whether they come from channels or from a recording; they have no checksum. */
export function notificationOutcomes(frames$: Observable<RawFrame | RejectedFrame>): Observable<AnyFrame> {
  return frames$.pipe(sizeGate(), decode(notificationTypes), validate());
}
