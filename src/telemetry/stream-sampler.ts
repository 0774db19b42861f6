import type { Observable, Unsubscribable } from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import type { Meter, MeterSnapshot } from '../../operators/meter.ts';
import { callable, optionsObject, withMethod } from '../../operators/options.ts';
import type { ConsumeTotals } from '../jetstream/consume/consume-totals.ts';
import type { PublishTotals } from '../jetstream/publish/publish-totals.ts';
import { ConnectionTotals } from './connection-totals.ts';
import { NamedCounts } from './named-counts.ts';

/** What the metrics of one stream are read from, at one moment. */
export interface StreamSample {
  readonly snapshot: MeterSnapshot;
  readonly byType: ReadonlyMap<string, number>;
  readonly byReason: ReadonlyMap<string, number>;
  /** Undefined where no states are reported. */
  readonly connections: ConnectionTotals | undefined;
  /** Undefined where the stream is not published to JetStream. */
  readonly published?: Readonly<PublishTotals> | undefined;
  /** Undefined where the stream is not consumed from JetStream. */
  readonly consumed?: Readonly<ConsumeTotals> | undefined;
  /** Undefined where it is not known. */
  readonly lag?: number | undefined;
}

/** What a {@link StreamSampler} looks at. */
export interface SampledStream {
  readonly meter: Pick<Meter, 'snapshot'>;
  readonly state$?: Observable<ConnectionState>;
  readonly published?: Readonly<PublishTotals>;
  readonly consumed?: Readonly<ConsumeTotals>;
  readonly lag?: () => number | undefined;
}

/** **Reads a stream when it is asked**: between two times it costs nothing per frame. */
export class StreamSampler {
  readonly #meter: Pick<Meter, 'snapshot'>;
  readonly #connections: ConnectionTotals | undefined;
  readonly #states: Unsubscribable | undefined;
  readonly #published: Readonly<PublishTotals> | undefined;
  readonly #consumed: Readonly<ConsumeTotals> | undefined;
  readonly #lag: (() => number | undefined) | undefined;
  readonly #types = new NamedCounts();
  readonly #reasons = new NamedCounts();

  /**
   * @param where - the function that got the stream, for error messages
   * @throws TypeError where the stream has no `snapshot()`, `state$` is no Observable, or what it is counted by in JetStream is none
   */
  constructor(where: string, { meter, state$, published, consumed, lag }: SampledStream) {
    this.#meter = withMethod(`${where}: meter`, 'snapshot', meter);
    this.#published = published === undefined ? undefined : optionsObject(`${where}: published`, published);
    this.#consumed = consumed === undefined ? undefined : optionsObject(`${where}: consumed`, consumed);
    this.#lag = lag === undefined ? undefined : callable(`${where}: lag`, lag);
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
      published: this.#published,
      consumed: this.#consumed,
      lag: this.#lag?.(),
    };
  }

  unsubscribe(): void {
    this.#states?.unsubscribe();
  }
}
