import type { Observable, Unsubscribable } from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import type { Meter, MeterSnapshot } from '../../operators/meter.ts';
import { withMethod } from '../../operators/options.ts';
import { ConnectionTotals } from './connection-totals.ts';
import { NamedCounts } from './named-counts.ts';

/** What the metrics of one stream are read from, at one moment. */
export interface StreamSample {
  readonly snapshot: MeterSnapshot;
  readonly byType: ReadonlyMap<string, number>;
  readonly byReason: ReadonlyMap<string, number>;
  /** Undefined where no states are reported. */
  readonly connections: ConnectionTotals | undefined;
}

/** What a {@link StreamSampler} looks at. */
export interface SampledStream {
  readonly meter: Pick<Meter, 'snapshot'>;
  readonly state$?: Observable<ConnectionState>;
}

/** **Reads a stream when it is asked**: between two times it costs nothing per frame. */
export class StreamSampler {
  readonly #meter: Pick<Meter, 'snapshot'>;
  readonly #connections: ConnectionTotals | undefined;
  readonly #states: Unsubscribable | undefined;
  readonly #types = new NamedCounts();
  readonly #reasons = new NamedCounts();

  /**
   * @param where - the function that got the stream, for error messages
   * @throws TypeError where the stream has no `snapshot()`, or `state$` is no Observable
   */
  constructor(where: string, { meter, state$ }: SampledStream) {
    this.#meter = withMethod(`${where}: meter`, 'snapshot', meter);
    if (state$ === undefined) return;
    const totals = new ConnectionTotals();
    this.#connections = totals;
    this.#states = withMethod(`${where}: state$`, 'subscribe', state$).subscribe({
      next: (state) => totals.take(state),
      // It is for whoever made the stream.
      error: () => undefined,
    });
  }

  read(): StreamSample {
    const snapshot = this.#meter.snapshot();
    return {
      snapshot,
      byType: this.#types.bounded(snapshot.byType),
      byReason: this.#reasons.bounded(snapshot.byReason),
      connections: this.#connections,
    };
  }

  unsubscribe(): void {
    this.#states?.unsubscribe();
  }
}
