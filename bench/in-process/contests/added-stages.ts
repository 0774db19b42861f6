import { map, pipe, type MonoTypeOperatorFunction } from 'rxjs';
import { lift, type RawFrame, type RejectedFrame } from 'rxframe/operators';
import { corpus } from '../../corpus.ts';
import type { Comparison } from '../comparison.ts';
import { through } from './through.ts';

type Outcome = RawFrame | RejectedFrame;

const COUNTS = [1, 2, 3, 4, 6, 8, 12];

/**
 * What a stage costs that does nothing: so many of them in one pipe, against as many of RxJS's own `map`. Each is a function
 * of its own, as different stages are.
 */
export async function addedStages(): Promise<Comparison[]> {
  const frames = await corpus();
  return COUNTS.map((count) => ({
    name: count === 1 ? '1 empty stage, against a map' : `${count} empty stages, against maps`,
    frames: frames.length,
    ours: through(
      frames,
      repeated(count, () => lift<RawFrame>((frame) => frame)),
    ),
    peer: through(
      frames,
      repeated(count, () => map((frame: Outcome) => frame)),
    ),
  }));
}

function repeated(count: number, make: () => MonoTypeOperatorFunction<Outcome>): MonoTypeOperatorFunction<Outcome> {
  return Array.from({ length: count }, make).reduce((before, next) => pipe(before, next));
}
