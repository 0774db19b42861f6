import { asyncScheduler, type NextObserver, type TimestampProvider } from 'rxjs';
import { reject, type LiveFrame } from './frame.ts';
import { duration, knownOptions, positiveInteger, withMethod } from './options.ts';
import { reporter } from './reporter.ts';
import { SlidingMean } from './sliding-mean.ts';
import { liftEach, type Stage } from './stage.ts';

/** What a {@link circuitBreaker} is: letting frames through, rejecting them, or trying the next one. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** Options of {@link circuitBreaker}. */
export interface CircuitBreakerOptions {
  /** It opens when the mean frame size over the window passes this, in bytes. @defaultValue 2 MiB (2,097,152) */
  readonly maxMeanBytes?: number;
  /** The window of the mean, in milliseconds. @defaultValue 60,000 */
  readonly window?: number;
  /** With fewer frames in the window than this it does not open: one large frame is no trend. @defaultValue 10 */
  readonly minFrames?: number;
  /** How long it stays open before it tries a frame, in milliseconds. @defaultValue 30,000 */
  readonly resetAfter?: number;
  /** Where changes of its state are reported. @defaultValue nowhere */
  readonly state?: NextObserver<CircuitState>;
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: TimestampProvider;
}

/**
 * **Stops taking frames when they get too large on the average**, and tries again after a time.
 *
 * Open, it rejects every frame. After `resetAfter` the next frame is a probe: one of at most `maxMeanBytes` closes it, with
 * an empty window; a larger one is rejected and opens it for another `resetAfter`. Size is looked at, nothing else.
 *
 *     in        --a--L--L--a--…--a--a--|        L: large
 *     out       --a--L--x--x--…--a--a--|        x: rejected, stage 'circuit-breaker', reason 'circuit-open'
 *     state     --------o--------(hc)--        o: open    h: half-open    c: closed (minFrames: 3)
 *
 * @throws RangeError or TypeError at the call, where an option is not allowed
 */
export function circuitBreaker<Frame extends LiveFrame>(options: CircuitBreakerOptions = {}): Stage<Frame> {
  knownOptions('circuitBreaker', options, ['maxMeanBytes', 'window', 'minFrames', 'resetAfter', 'state', 'scheduler']);
  const maxMeanBytes = positiveInteger('circuitBreaker: maxMeanBytes', options.maxMeanBytes ?? 2 * 1024 * 1024);
  const window = duration('circuitBreaker: window', options.window ?? 60_000);
  const minFrames = positiveInteger('circuitBreaker: minFrames', options.minFrames ?? 10);
  const resetAfter = duration('circuitBreaker: resetAfter', options.resetAfter ?? 30_000);
  const report = reporter('circuitBreaker: state', options.state);
  const scheduler = withMethod('circuitBreaker: scheduler', 'now', options.scheduler ?? asyncScheduler);

  return liftEach(() => {
    let sizes = new SlidingMean(window);
    let openedAt: number | undefined;

    const open = (frame: Frame, now: number, message: string) => {
      openedAt = now;
      report('open');
      return reject(frame, 'circuit-breaker', 'circuit-open', message);
    };

    return (frame: Frame) => {
      const now = scheduler.now();
      if (openedAt === undefined) {
        sizes.add(frame.byteLength, now);
        const mean = sizes.mean();
        if (mean <= maxMeanBytes || sizes.count < minFrames) return frame;
        return open(frame, now, `the mean frame size is ${Math.round(mean)} bytes, at most ${maxMeanBytes} is allowed`);
      }
      if (now - openedAt < resetAfter) {
        const remaining = Math.ceil(openedAt + resetAfter - now);
        return reject(frame, 'circuit-breaker', 'circuit-open', `the circuit is open for another ${remaining} ms`);
      }
      report('half-open');
      if (frame.byteLength > maxMeanBytes) {
        return open(frame, now, `the probe has ${frame.byteLength} bytes, at most ${maxMeanBytes} are allowed`);
      }
      openedAt = undefined;
      sizes = new SlidingMean(window);
      sizes.add(frame.byteLength, now);
      report('closed');
      return frame;
    };
  });
}
