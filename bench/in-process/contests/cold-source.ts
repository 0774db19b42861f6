import { Meter } from 'rxframe/operators';
import { corpus, MAX_BYTES } from '../../corpus.ts';
import { mustAgree } from '../../must-agree.ts';
import { sixStages } from '../../six-stages.ts';
import type { Comparison } from '../comparison.ts';
import { byHand } from './by-hand.ts';
import { through } from './through.ts';

/** The six stages on a cold source, such as `connect`, against the hand-fused function. */
export async function coldSource(): Promise<Comparison[]> {
  const frames = await corpus();
  mustAgree(frames);
  const ours = through(frames, sixStages(new Meter(), MAX_BYTES));
  return [{ name: 'six stages, cold source', frames: frames.length, ours, peer: byHand(frames) }];
}
