// A marble test of one's own operator, in virtual time: no socket, no sleep. Any test runner will do; this needs none.
import { deepStrictEqual } from 'node:assert/strict';
import { liftEach, reject, type LiveFrame } from 'rxframe/operators';
import { expectConserved, frames, marbleRunner, operatorContract } from 'rxframe/testing';
import { asyncScheduler, type TimestampProvider } from 'rxjs';

/** Lets one frame through, and rejects what follows it within `interval` milliseconds. */
function throttle<Frame extends LiveFrame>(interval: number, scheduler: TimestampProvider = asyncScheduler) {
  return liftEach<Frame>(() => {
    let last = -Infinity;
    return (frame) => {
      const now = scheduler.now();
      if (now - last < interval)
        return reject(frame, 'throttle', 'too-soon', `less than ${interval} ms after the last`);
      last = now;
      return frame;
    };
  });
}

const marbles = marbleRunner(deepStrictEqual);

const rejectsWhatFollows = marbles(({ cold, expectObservable }) => {
  const [a, b, c] = [frames.raw('a'), frames.raw('b'), frames.raw('c')];
  const source$ = cold('-a-b---c-|', { a, b, c });
  const x = frames.rejected('throttle', 'too-soon', 'less than 5 ms after the last');
  expectObservable(source$.pipe(expectConserved(throttle(5)))).toBe('-a-x---c-|', { a, x, c });
});
rejectsWhatFollows();
console.log('throttle lets one frame through, and rejects what follows within 5 ms');

// What holds for every operator.
const two = () => [frames.raw('a'), frames.raw('b')];
for (const { title, test } of operatorContract(marbles, () => throttle(1), two)) {
  test();
  console.log(`throttle ${title}`);
}
