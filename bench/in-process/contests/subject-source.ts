import { Subject } from 'rxjs';
import { Meter, type RawFrame } from 'rxframe/operators';
import { corpus, MAX_BYTES } from '../../corpus.ts';
import { mustAgree } from '../../must-agree.ts';
import { sixStages } from '../../six-stages.ts';
import type { Comparison } from '../comparison.ts';
import { byHand } from './by-hand.ts';

/** The six stages on a Subject, against the hand-fused function. */
export async function subjectSource(): Promise<Comparison[]> {
  const frames = await corpus();
  mustAgree(frames);
  const source$ = new Subject<RawFrame>();
  let count = 0;
  source$.pipe(sixStages(new Meter(), MAX_BYTES)).subscribe(() => (count += 1));
  const ours = () => {
    for (const frame of frames) source$.next(frame);
  };
  return [{ name: 'six stages, Subject', frames: frames.length, ours, peer: byHand(frames) }];
}
