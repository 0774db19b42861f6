import { prometheusName } from './prometheus-name.ts';
import type { MetricDefinition } from './stream-metrics.ts';
import type { StreamSample } from './stream-sampler.ts';

/** A line of the text that Prometheus reads. */
export interface PrometheusValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Where it is another than the family's: `…_bucket`. */
  readonly metricName?: string;
}

/** What a registry of prom-client asks a metric for. */
interface Collected {
  readonly name: string;
  readonly help: string;
  readonly type: MetricDefinition['kind'];
  readonly values: readonly PrometheusValue[];
}

/**
 * **A metric that a registry of prom-client takes in the place of its own**, and that has no values of its own: it reads those of
 * its streams when it is scraped. prom-client's counters and histograms can only be added to.
 */
export class PrometheusFamily {
  /** The registry changes it, where it writes OpenMetrics. */
  name: string;
  readonly help: string;
  readonly type: MetricDefinition['kind'];
  readonly #streams = new Map<string, () => StreamSample>();
  readonly #read: (sample: StreamSample, name: string) => readonly PrometheusValue[];

  constructor(definition: MetricDefinition, read: (sample: StreamSample, name: string) => readonly PrometheusValue[]) {
    this.name = prometheusName(definition);
    this.help = definition.description;
    this.type = definition.kind;
    this.#read = read;
  }

  get size(): number {
    return this.#streams.size;
  }

  has(stream: string): boolean {
    return this.#streams.has(stream);
  }

  add(stream: string, sample: () => StreamSample): void {
    this.#streams.set(stream, sample);
  }

  delete(stream: string): void {
    this.#streams.delete(stream);
  }

  get(): Promise<Collected> {
    const { name, help, type } = this;
    const values = [...this.#streams].flatMap(([stream, sample]) =>
      this.#read(sample(), name).map((value) => ({ ...value, labels: { stream, ...value.labels } })),
    );
    return Promise.resolve({ name, help, type, values });
  }

  /** Counts can't be taken back. */
  reset(): void {}
}
