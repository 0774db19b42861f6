import { Subscription, type Observable } from 'rxjs';
import type { ConnectionState } from '../../operators/connection-state.ts';
import type { Meter } from '../../operators/meter.ts';
import { knownOptions, withMethod } from '../../operators/options.ts';
import type { ConsumeTotals } from '../jetstream/consume/consume-totals.ts';
import type { PublishTotals } from '../jetstream/publish/publish-totals.ts';
import { metricsOf } from './metrics-of.ts';
import { PrometheusFamily, type PrometheusValue } from './prometheus-family.ts';
import { FRAME_DURATION, type NumberMetric } from './stream-metrics.ts';
import { streamName } from './stream-name.ts';
import { StreamSampler, type StreamSample } from './stream-sampler.ts';

/** What is needed of a registry: prom-client's `Registry` has it. */
export interface PrometheusRegistry {
  getSingleMetric(name: string): unknown;
  registerMetric(metric: { get(): Promise<unknown>; reset(): void }): void;
  removeSingleMetric(name: string): void;
}

/** Options of {@link prometheusMetrics}. */
export interface PrometheusMetricsOptions {
  /** A `Registry` of prom-client 15. */
  readonly registry: PrometheusRegistry;
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
  /** The label `stream` of all its metrics. Each stream of a registry has another. @defaultValue `'main'` */
  readonly stream?: string;
}

/** The histogram's bounds are the meter's from here to {@link LARGEST_BOUND}, in milliseconds: less and more tell nothing. */
const SMALLEST_BOUND = 0.004;
const LARGEST_BOUND = 4_194.304;

const OPTIONS = ['registry', 'meter', 'state$', 'published', 'consumed', 'lag', 'stream'];

/**
 * **Puts the metrics of a stream into a registry of prom-client**, which asks the meter when it is scraped: a frame costs nothing more.
 *
 * Several streams go into one registry under names of their own. Unsubscribing takes the stream out again. What happened to
 * connections is counted from the call on.
 *
 * ```ts
 * const registry = new Registry();
 * const { frames$, state$ } = frameStream({ env, clientId, clientSecret, meter });
 * const exported = prometheusMetrics({ registry, meter, state$ });
 * ```
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 * @throws Error at the call, where the registry has a stream of that name, or metrics of those names that are not ours
 */
export function prometheusMetrics(options: PrometheusMetricsOptions): Subscription {
  knownOptions('prometheusMetrics', options, OPTIONS);
  const registry = withMethod('prometheusMetrics: registry', 'registerMetric', options.registry);
  const stream = streamName('prometheusMetrics', options.stream ?? 'main');
  const families = familiesOf(options).map((family) => familyIn(registry, family));
  if (families.some((family) => family.has(stream))) {
    throw new Error(
      `prometheusMetrics: the registry has a stream ${JSON.stringify(stream)}; give this one another name`,
    );
  }

  const sampler = new StreamSampler('prometheusMetrics', options);
  const sample = oncePerTurn(() => sampler.read());
  const exported = new Subscription(() => sampler.unsubscribe());
  for (const family of families) {
    const { name } = family;
    if (family.size === 0) registry.registerMetric(family);
    family.add(stream, sample);
    exported.add(() => {
      family.delete(stream);
      if (family.size === 0 && registry.getSingleMetric(name) === family) registry.removeSingleMetric(name);
    });
  }
  return exported;
}

function familiesOf(options: PrometheusMetricsOptions): PrometheusFamily[] {
  return [
    ...metricsOf(options).map((metric) => new PrometheusFamily(metric, (sample) => valuesOf(metric, sample))),
    new PrometheusFamily(FRAME_DURATION, histogram),
  ];
}

function valuesOf({ read }: NumberMetric, sample: StreamSample): PrometheusValue[] {
  return read(sample).map(({ value, attributes }) => ({ value, labels: attributes }));
}

/** That of the registry, where another stream has brought it. */
function familyIn(registry: PrometheusRegistry, family: PrometheusFamily): PrometheusFamily {
  const present = registry.getSingleMetric(family.name);
  if (present === undefined) return family;
  if (present instanceof PrometheusFamily) return present;
  throw new Error(`prometheusMetrics: the registry has a metric ${family.name} already, which is not ours`);
}

/** A scrape reads all metrics in one turn of the event loop: of one moment, and for the price of one snapshot. */
function oncePerTurn<T extends object>(read: () => T): () => T {
  let last: T | undefined;
  return () => {
    if (last === undefined) {
      last = read();
      queueMicrotask(() => (last = undefined));
    }
    return last;
  };
}

function histogram({ snapshot }: StreamSample, name: string): PrometheusValue[] {
  const { bounds, counts, sum } = snapshot.latencyHistogram;
  let count = 0;
  const buckets: PrometheusValue[] = [];
  counts.forEach((inBucket, index) => {
    count += inBucket;
    const bound = bounds[index] ?? Infinity;
    if (bound < SMALLEST_BOUND || bound > LARGEST_BOUND) return;
    buckets.push({ metricName: `${name}_bucket`, value: count, labels: { le: String(bound / 1_000) } });
  });
  return [
    ...buckets,
    { metricName: `${name}_bucket`, value: count, labels: { le: '+Inf' } },
    { metricName: `${name}_sum`, value: sum / 1_000, labels: {} },
    { metricName: `${name}_count`, value: count, labels: {} },
  ];
}
