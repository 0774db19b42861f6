import { MAX_BYTES, type NodeFrame } from '../../corpus.ts';
import { handFused } from '../../hand-fused.ts';
import type { Pass } from '../comparison.ts';

/** All frames through the hand-fused function. */
export function byHand(frames: readonly NodeFrame[], maxBytes = MAX_BYTES): Pass {
  let bytes = 0;
  const hand = handFused({ maxBytes, accept: ({ message }) => (bytes += message.byteLength) });
  return () => {
    for (const frame of frames) hand.take(frame);
  };
}
