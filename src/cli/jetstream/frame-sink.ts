import type { Observable } from 'rxjs';
import type { LiveFrame } from '../../../operators/frame.ts';
import type { Delivery } from '../../jetstream/consume/delivery.ts';

/** **Where consumed frames go.** */
export interface FrameSink {
  /** The work on a frame: begun on subscription, done on completion, given up on unsubscription. */
  work(this: void, frame: LiveFrame, delivery: Delivery): Observable<unknown>;
  /** After the last work: resolves when nothing of it is left. */
  close?(this: void): Promise<void>;
}
