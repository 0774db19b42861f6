import type { MonoTypeOperatorFunction } from 'rxjs';
import type { AnyFrame } from './frame.ts';
import { withMethod } from './options.ts';
import { outcomes } from './stage.ts';

/** Where a recording goes. `write` takes the outcome and returns at once: it must not block, and says itself what it lost. */
export interface CaptureSink {
  write(outcome: AnyFrame): void;
}

/**
 * **Hands each outcome to a sink that keeps it**, with the bytes as received: rejected frames too.
 * Stands after the stages and before {@link accepted}, so that it sees them all, each once.
 * What `write` throws is the error of the stream.
 *
 *     in        --a--x--c--|        x: rejected
 *     out       --a--x--c--|
 *     sink        a  x  c
 *
 * @param sink - `captureFile()` of `rxframe/node`, or your own
 * @throws TypeError at the call, where `sink` has no `write`
 */
export function record<T extends AnyFrame>(sink: CaptureSink): MonoTypeOperatorFunction<T> {
  withMethod('record: sink', 'write', sink);
  return outcomes(() => (outcome: T) => {
    sink.write(outcome);
    return outcome;
  });
}
