import { Subscription, type Observable } from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import type { Meter } from '../../operators/meter.ts';
import { knownOptions, withMethod } from '../../operators/options.ts';
import type { ConsumeTotals } from '../jetstream/consume/consume-totals.ts';
import type { PublishTotals } from '../jetstream/publish/publish-totals.ts';
import { metricsOf } from './metrics-of.ts';
import { FRAME_DURATION_QUANTILE } from './stream-metrics.ts';
import { streamName } from './stream-name.ts';
import { StreamSampler } from './stream-sampler.ts';

/** How an instrument is described. */
export interface InstrumentDescription {
  readonly unit: string;
  readonly description: string;
}

/** Takes what the instruments observed at one moment. */
export interface InstrumentResult {
  observe(instrument: object, value: number, attributes: Record<string, string>): void;
}

/** What is needed of OpenTelemetry: the `Meter` of `@opentelemetry/api` has it. */
export interface OpenTelemetryMeter {
  createObservableCounter(name: string, description: InstrumentDescription): object;
  createObservableGauge(name: string, description: InstrumentDescription): object;
  addBatchObservableCallback(observe: (result: InstrumentResult) => void, instruments: object[]): void;
  removeBatchObservableCallback(observe: (result: InstrumentResult) => void, instruments: object[]): void;
}

const OPTIONS = ['openTelemetry', 'meter', 'state$', 'published', 'consumed', 'lag', 'stream'];

/** Options of {@link openTelemetryMetrics}. */
export interface OpenTelemetryMetricsOptions {
  /** A `Meter` of `@opentelemetry/api`: `metrics.getMeter('rxframe')`. */
  readonly openTelemetry: OpenTelemetryMeter;
  /** What the stream is counted by. */
  readonly meter: Pick<Meter, 'snapshot'>;
  /** The states of its connections: `state$` of `frameStream`, or the Subject handed to `connect` and `reconnect`. @defaultValue no metrics of connections */
  readonly state$?: Observable<ConnectionState>;
  /** Counts what `toJetStream` publishes: the totals that it was given. @defaultValue no metrics of publishing */
  readonly published?: Readonly<PublishTotals>;
  /** Counts what `fromJetStream` and `ackWith` consume: the totals that they were given. @defaultValue no metrics of consuming */
  readonly consumed?: Readonly<ConsumeTotals>;
  /** With `consumed`: how many messages wait for the group, as it was read last from `lag()`; undefined where it is not known. @defaultValue none */
  readonly lag?: () => number | undefined;
  /** The attribute `stream` of all its metrics. Give each stream another. @defaultValue `'main'` */
  readonly stream?: string;
}

/**
 * **Gives the metrics of a stream to OpenTelemetry**, whose reader asks the meter when it collects: a frame costs nothing more.
 *
 * The API has no histogram that can be read from counts: the times of frames are given as quantiles over the meter's window. A
 * histogram is recorded frame by frame; the documentation shows how, and what it costs. Unsubscribing ends it. What happened to
 * connections is counted from the call on.
 *
 * ```ts
 * const exported = openTelemetryMetrics({ openTelemetry: metrics.getMeter('rxframe'), meter, state$ });
 * ```
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function openTelemetryMetrics(options: OpenTelemetryMetricsOptions): Subscription {
  knownOptions('openTelemetryMetrics', options, OPTIONS);
  const openTelemetry = withMethod(
    'openTelemetryMetrics: openTelemetry',
    'addBatchObservableCallback',
    options.openTelemetry,
  );
  const stream = streamName('openTelemetryMetrics', options.stream ?? 'main');
  const sampler = new StreamSampler('openTelemetryMetrics', options);

  const observed = [...metricsOf(options), FRAME_DURATION_QUANTILE].map(({ name, kind, unit, description, read }) => ({
    read,
    instrument:
      kind === 'counter'
        ? openTelemetry.createObservableCounter(name, { unit, description })
        : openTelemetry.createObservableGauge(name, { unit, description }),
  }));
  const instruments = observed.map(({ instrument }) => instrument);
  const observe = (result: InstrumentResult) => {
    const sample = sampler.read();
    for (const { instrument, read } of observed) {
      for (const { value, attributes } of read(sample)) result.observe(instrument, value, { stream, ...attributes });
    }
  };
  openTelemetry.addBatchObservableCallback(observe, instruments);
  return new Subscription(() => {
    openTelemetry.removeBatchObservableCallback(observe, instruments);
    sampler.unsubscribe();
  });
}
