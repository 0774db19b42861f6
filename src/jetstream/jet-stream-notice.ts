import type { Delivery } from './delivery.ts';

/** What {@link toJetStream} has to say besides the outcomes. */
export type PublishNotice =
  /** The engine does not take messages: none is sent until `delay` milliseconds from now, then all are tried again. Told once until it works. */
  | { readonly type: 'stalled'; readonly cause: unknown }
  /** It does again, after so many milliseconds. */
  | { readonly type: 'resumed'; readonly after: number };

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
  /** What has to be asked of the engine fails, and is tried again: it is down, most likely. Told once until it works. */
  | { readonly type: 'stalled'; readonly cause: unknown };
