import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { Meter } from '../../operators/meter.ts';
import { ConsumeTotals } from '../../src/jetstream/consume/consume-totals.ts';
import { PublishTotals } from '../../src/jetstream/publish/publish-totals.ts';
import { CONSUME_METRICS, PUBLISH_METRICS } from '../../src/telemetry/jetstream-metrics.ts';
import { openTelemetryMetrics } from '../../src/telemetry/open-telemetry-metrics.ts';
import { prometheusMetrics } from '../../src/telemetry/prometheus-metrics.ts';
import { prometheusName } from '../../src/telemetry/prometheus-name.ts';
import { scraped } from './scrape.ts';

/** Totals of which each number is another. */
function counted<T extends object>(totals: T): T {
  Object.keys(totals).forEach((name, index) => Object.assign(totals, { [name]: 10 * (index + 1) }));
  return totals;
}

async function values(registry: Registry): Promise<Record<string, number>> {
  const ours = scraped(await registry.metrics()).filter(({ name }) => name.startsWith('rxframe_jetstream_'));
  expect(ours.every(({ labels }) => labels['stream'] === 'main')).toBe(true);
  return Object.fromEntries(ours.map(({ name, value }) => [name, value]));
}

describe('the metrics of JetStream', () => {
  it('are those of what is published, where that is counted', async () => {
    const registry = new Registry();
    const published = counted(new PublishTotals());
    const exported = prometheusMetrics({ registry, meter: new Meter(), published });
    expect(await values(registry)).toEqual({
      rxframe_jetstream_published_total: published.published,
      rxframe_jetstream_duplicates_total: published.duplicates,
      rxframe_jetstream_sent_bytes_total: published.bytes,
      rxframe_jetstream_publish_retries_total: published.retries,
      rxframe_jetstream_refused_total: published.refused,
      rxframe_jetstream_in_flight: published.inFlight,
      rxframe_jetstream_waiting: published.inside - published.inFlight,
    });
    published.published += 1;
    expect(await values(registry)).toMatchObject({ rxframe_jetstream_published_total: published.published });
    exported.unsubscribe();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('are those of what is consumed, with how far the group is behind where that is known', async () => {
    const registry = new Registry();
    const consumed = counted(new ConsumeTotals());
    let lag = undefined as number | undefined;
    prometheusMetrics({ registry, meter: new Meter(), consumed, lag: () => lag });
    const counts = {
      rxframe_jetstream_received_total: consumed.received,
      rxframe_jetstream_taken_bytes_total: consumed.bytes,
      rxframe_jetstream_redelivered_total: consumed.redelivered,
      rxframe_jetstream_acknowledged_total: consumed.acknowledged,
      rxframe_jetstream_work_retries_total: consumed.retries,
      rxframe_jetstream_dead_lettered_total: consumed.deadLettered,
      rxframe_jetstream_in_hand: consumed.inHand,
      rxframe_jetstream_partitions: consumed.partitions,
    };
    expect(await values(registry)).toEqual(counts);
    lag = 0;
    expect(await values(registry)).toEqual({ ...counts, rxframe_jetstream_lag: 0 });
  });

  it('are not there where nothing is counted', async () => {
    const registry = new Registry();
    prometheusMetrics({ registry, meter: new Meter() });
    expect(await registry.metrics()).not.toContain('jetstream');
  });

  it('are OpenTelemetry’s too', () => {
    const created: string[] = [];
    const create = (name: string) => created.push(name) && { name };
    const openTelemetry = {
      createObservableCounter: create as (name: string) => object,
      createObservableGauge: create as (name: string) => object,
      addBatchObservableCallback: () => undefined,
      removeBatchObservableCallback: () => undefined,
    };
    const published = new PublishTotals();
    openTelemetryMetrics({ openTelemetry, meter: new Meter(), published });
    const names = PUBLISH_METRICS.map(({ name }) => name);
    expect(created.filter((name) => name.startsWith('rxframe.jetstream.'))).toEqual(names);
  });

  it('have names of their own', () => {
    const names = [...PUBLISH_METRICS, ...CONSUME_METRICS].map(prometheusName);
    expect(new Set(names).size).toBe(names.length);
  });

  const registry = new Registry();
  it.each([
    [{ published: 1 }, 'prometheusMetrics: published must be an object, got 1'],
    [{ consumed: null }, 'prometheusMetrics: consumed must be an object, got null'],
    [{ lag: 5 }, 'prometheusMetrics: lag must be a function, got 5'],
  ])('refuses %j', (options, message) => {
    expect(() => prometheusMetrics({ registry, meter: new Meter(), ...options } as never)).toThrow(message);
    expect(registry.getMetricsAsArray()).toEqual([]);
  });
});
