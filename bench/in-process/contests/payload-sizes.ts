import { Meter } from 'rxframe/operators';
import { nodeFrame } from '../../corpus.ts';
import { mustAgree } from '../../must-agree.ts';
import { sixStages } from '../../six-stages.ts';
import type { Comparison } from '../comparison.ts';
import { byHand } from './by-hand.ts';
import { interactionOfSize } from './interaction-of-size.ts';
import { through } from './through.ts';

const SIZES = { '100 B': 100, '1 KB': 1_000, '10 KB': 10_000, '100 KB': 100_000, '1 MB': 1_000_000 };
const FIVE_MIB = 5 * 1024 * 1024;
/** Of so many bytes together are the frames of one size, few enough to stay in memory. */
const BYTES = 4_000_000;

/** The six stages on interaction updates of one size, against the hand-fused function. */
export function payloadSizes(): Promise<Comparison[]> {
  const comparisons = Object.entries(SIZES).map(([name, size]) => {
    const payload = interactionOfSize(size);
    const count = Math.min(4_000, Math.ceil(BYTES / payload.length));
    // Each with bytes of its own, as they are received.
    const frames = Array.from({ length: count }, (_, sequence) => nodeFrame(Buffer.from(payload), false, sequence));
    mustAgree(frames, FIVE_MIB);
    return {
      name: `six stages, payloads of ${name}`,
      frames: count,
      ours: through(frames, sixStages(new Meter(), FIVE_MIB)),
      peer: byHand(frames, FIVE_MIB),
    };
  });
  return Promise.resolve(comparisons);
}
