import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import type { Flow } from '../../../operators/flow.ts';
import type { AnyFrame } from '../../../operators/frame.ts';
import type { Meter } from '../../../operators/meter.ts';
import type { Output } from '../terminal/output.ts';

/** What a companion may look at. */
export interface CompanionParts {
  readonly flow: Flow;
  readonly meter: Meter;
  /** The last state of a connection, and each from then on. */
  readonly state$: Observable<ConnectionState>;
  /** Standard output, for a companion that writes there. */
  readonly output: Output;
  /** Tells a person something, in a line that stays. */
  readonly log: (text: string) => void;
}

/** **What goes along with a stream on the command line, and ends after it**: a recording, a page to look at, a server for metrics. */
export interface Companion {
  /** Sees each outcome, and passes it on. At the end of the stream it has 5 s for what it has not passed on yet; then it is unsubscribed. */
  readonly through?: MonoTypeOperatorFunction<AnyFrame>;
  /** Ends it, once all that is to be written is. Never rejects. */
  close(): Promise<void>;
  /** After `close`: what there is to say in the summary, a line each. */
  summary?(): readonly string[];
  /** After `close`: whether it has done all that was asked of it; the exit code is 1 where it has not. @defaultValue true */
  isWhole?(): boolean;
}

/**
 * Starts a companion before the stream is connected.
 *
 * @throws UsageError where a file can't be made; the system's error, where a port is taken
 */
export type StartCompanion = (parts: CompanionParts) => Promise<Companion>;
