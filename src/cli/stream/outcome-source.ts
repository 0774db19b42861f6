import type { Observable } from 'rxjs';
import type { AuditSink } from '../../../operators/audit.ts';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import type { Flow } from '../../../operators/flow.ts';
import type { AnyFrame } from '../../../operators/frame.ts';
import type { Meter } from '../../../operators/meter.ts';
import type { Notice } from './notice-line.ts';

/** What a source is opened with. */
export interface SourceParts {
  readonly flow: Flow;
  readonly meter: Meter;
  readonly audit: AuditSink | undefined;
  /** Takes what there is to say besides the outcomes. */
  readonly notice: (notice: Notice) => void;
}

/** What an open source gives. */
export interface OpenSource {
  readonly outcomes$: Observable<AnyFrame>;
  /** The last state of a connection, and each from then on. */
  readonly state$: Observable<ConnectionState>;
  /** What became of its connections so far, for the summary: `2 reconnections`. */
  counts(this: void): readonly string[];
  /** How far it has come, for the live line, in place of the connection's state. */
  progress?(this: void): string;
  /** How many frames came in, where their numbers do not say: a replay may start in the middle of a connection. */
  received?(this: void): number;
}

/** Where `listen` gets outcomes from. */
export interface OutcomeSource {
  /** What it is, for people. */
  readonly name: string;
  open(parts: SourceParts): OpenSource;
}
