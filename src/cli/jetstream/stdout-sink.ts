import { Observable } from 'rxjs';
import { outcomeLine } from '../stream/outcome-line.ts';
import type { Output } from '../terminal/output.ts';
import type { FrameSink } from './frame-sink.ts';

/** **One line of JSON for each frame, on stdout.** The work is done when the operating system has taken the line. */
export function stdoutSink(output: Pick<Output, 'writeLine'>): FrameSink {
  return {
    work: (frame) =>
      new Observable((subscriber) => {
        output.writeLine(outcomeLine(frame, performance.now(), true), () => subscriber.complete());
      }),
  };
}
