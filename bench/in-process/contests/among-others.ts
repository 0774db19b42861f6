import {
  buffer,
  distinctUntilChanged,
  filter,
  from,
  map,
  scan,
  share,
  skip,
  Subject,
  switchMap,
  take,
  tap,
} from 'rxjs';
import { Meter } from 'rxframe/operators';
import { corpus, MAX_BYTES } from '../../corpus.ts';
import { mustAgree } from '../../must-agree.ts';
import { sixStages } from '../../six-stages.ts';
import type { Comparison } from '../comparison.ts';
import { byHand } from './by-hand.ts';
import { through } from './through.ts';

/**
 * The six stages in a program that uses RxJS elsewhere too, as most do: what all its operators share is then compiled for
 * many of them.
 */
export async function amongOthers(): Promise<Comparison[]> {
  const frames = await corpus();
  mustAgree(frames);
  const others = otherOperators(frames.length);
  const ours = through(frames, sixStages(new Meter(), MAX_BYTES));
  for (let count = 0; count < 50; count += 1) others();
  return [{ name: 'six stages, among other operators', frames: frames.length, ours, peer: byHand(frames) }];
}

function otherOperators(count: number): () => void {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const flush$ = new Subject<void>();
  const results$ = from(numbers).pipe(
    map((number) => number >> 1),
    distinctUntilChanged(),
    filter((number) => number % 3 > 0),
    scan((sum, number) => sum + number, 0),
    tap((sum) => sum % 100 === 0 && flush$.next()),
    skip(1),
    share(),
  );
  const wholes$ = results$.pipe(
    buffer(flush$),
    switchMap((sums) => from(sums)),
    take(count),
  );
  return () => void wholes$.subscribe();
}
