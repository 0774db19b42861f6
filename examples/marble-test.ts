// A marble test of one's own operator, in virtual time: no socket, no sleep. Any test runner will do; this is Node's.
import { deepEqual } from 'node:assert/strict';
import { liftEach, RawFrame, reject, type LiveFrame } from 'rxframe/operators';
import { asyncScheduler, type TimestampProvider } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

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

function frame(text: string): RawFrame {
  return new RawFrame({
    rawData: new TextEncoder().encode(text),
    isBinary: false,
    connectionId: 'test',
    sequence: 0,
    timestamp: 0,
    receivedAt: 0,
  });
}

const scheduler = new TestScheduler((actual, expected) => deepEqual(actual, expected));
scheduler.run(({ cold, expectObservable }) => {
  const [a, b, c] = [frame('a'), frame('b'), frame('c')];
  const x = reject(b, 'throttle', 'too-soon', 'less than 5 ms after the last');
  const source$ = cold('-a-b---c-|', { a, b, c });
  expectObservable(source$.pipe(throttle(5, scheduler))).toBe('-a-x---c-|', { a, x, c });
});
console.log('throttle lets one frame through, and rejects what follows within 5 ms');
