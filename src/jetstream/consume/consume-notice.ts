import type { Delivery } from './delivery.ts';

/** What {@link fromJetStream} and {@link ackWith} have to say besides the frames. */
export type ConsumeNotice =
  /** This member reads a partition from now on, or no longer. */
  | { readonly type: 'assigned' | 'revoked'; readonly partition: number }
  /** Work on a frame failed. It is tried again `retryIn` milliseconds from now; undefined: it is dead-lettered. */
  | {
      readonly type: 'failed';
      readonly delivery: Delivery;
      readonly cause: unknown;
      readonly retryIn: number | undefined;
    }
  /** A frame was handed out, and nobody has settled it within `ackWait`: was it filtered out before `ackWith`? */
  | { readonly type: 'unsettled'; readonly delivery: Delivery }
  /** After the subscription has ended: all that was in hand is settled or given back, and the engine knows it. The connection may be closed. */
  | { readonly type: 'closed' }
  /** What has to be asked of the engine fails, and is tried again: it is down, most likely. Told once until it works. */
  | { readonly type: 'stalled'; readonly cause: unknown };
