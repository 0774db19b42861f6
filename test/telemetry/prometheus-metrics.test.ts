import { Counter, Registry, type OpenMetricsContentType } from 'prom-client';
import { Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { raw, rejectedFrame } from '../../marble-tests/marbles.ts';
import type { ConnectionState } from '../../operators/connection-state.ts';
import type { RejectReason } from '../../operators/frame.ts';
import { Meter } from '../../operators/meter.ts';
import { prometheusMetrics } from '../../src/telemetry/prometheus-metrics.ts';
import { scraped } from './scrape.ts';

/** The time from receipt to outcome is what it shows, in milliseconds: frames are received at 1,000. */
class HandClock {
  time = 1_000;

  now(): number {
    return this.time;
  }
}

describe('prometheusMetrics', () => {
  it('gives what the meter and the states tell, in the names of OpenTelemetry', async () => {
    const clock = new HandClock();
    const meter = new Meter({ clock });
    const state$ = new Subject<ConnectionState>();
    const registry = new Registry();
    prometheusMetrics({ registry, meter, state$, stream: 'eu "1"' });
    state$.next({ status: 'connecting', connectionId: 'c1' });
    state$.next({ status: 'open', connectionId: 'c1' });
    for (const [latency, payload] of Object.entries({ 0.002: '12', 0.125: '345', 20_000: '6' })) {
      clock.time = 1_000 + Number(latency);
      meter.record(raw(payload));
    }
    clock.time = 1_000;
    meter.record(rejectedFrame('decode', 'malformed-json'));
    meter.skip();

    const text = await registry.metrics();
    expect(text).toContain(`# HELP rxframe_frames_total Outcomes: accepted frames, and rejected ones by reason.
# TYPE rxframe_frames_total counter
rxframe_frames_total{stream="eu \\"1\\"",outcome="accepted"} 3
rxframe_frames_total{stream="eu \\"1\\"",outcome="rejected",reason="malformed-json"} 1
`);
    const rest = text
      .split('\n')
      .filter((line) => !/^(?:#|$|rxframe_frames_total|rxframe_connection_(?:state|failures)|.*_bucket)/.test(line))
      .map((line) => line.replace('{stream="eu \\"1\\""}', ''));
    expect(rest).toEqual([
      'rxframe_skipped_frames_total 1',
      'rxframe_received_bytes_total 7',
      'rxframe_open_connections 1',
      'rxframe_connections_total 1',
      'rxframe_reconnect_delay_seconds 0',
      expect.stringMatching(/^rxframe_frame_duration_seconds_sum 20\.00012\d*$/),
      'rxframe_frame_duration_seconds_count 4',
    ]);
    const buckets = scraped(text).filter(({ name }) => name.endsWith('_bucket'));
    expect(buckets.map(({ labels, value }) => `${labels['le'] ?? ''} ${value}`)).toEqual([
      ...[
        '0.000004 2',
        '0.000008 2',
        '0.000016 2',
        '0.000032 2',
        '0.000064 2',
        '0.000128 3',
        '0.000256 3',
        '0.000512 3',
      ],
      ...[
        '0.001024 3',
        '0.002048 3',
        '0.004096 3',
        '0.008192 3',
        '0.016384 3',
        '0.032768 3',
        '0.065536 3',
        '0.131072 3',
      ],
      ...['0.262144 3', '0.524288 3', '1.048576 3', '2.097152 3', '4.194304 3', '+Inf 4'],
    ]);
  });

  it('asks the meter once a scrape, and never between', async () => {
    const meter = new Meter();
    const snapshot = vi.spyOn(meter, 'snapshot');
    const registry = new Registry();
    prometheusMetrics({ registry, meter });
    meter.record(raw('x'));
    expect(snapshot).not.toHaveBeenCalled();
    await registry.metrics();
    expect(snapshot).toHaveBeenCalledTimes(1);
    meter.record(raw('x'));
    const [frames] = scraped(await registry.metrics());
    expect(snapshot).toHaveBeenCalledTimes(2);
    expect(frames?.value).toBe(2);
  });

  it('holds several streams apart, and takes each out again', async () => {
    const registry = new Registry();
    const state$ = new Subject<ConnectionState>();
    const first = prometheusMetrics({ registry, meter: new Meter(), state$, stream: 'first' });
    const second = prometheusMetrics({ registry, meter: new Meter(), stream: 'second' });
    const streams = async () =>
      scraped(await registry.metrics())
        .filter(({ name }) => name === 'rxframe_frames_total')
        .map(({ labels }) => labels['stream']);
    expect(await streams()).toEqual(['first', 'second']);
    first.unsubscribe();
    expect(state$.observed).toBe(false);
    expect(await streams()).toEqual(['second']);
    const again = prometheusMetrics({ registry, meter: new Meter(), stream: 'first' });
    expect(await streams()).toEqual(['second', 'first']);
    second.unsubscribe();
    again.unsubscribe();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('refuses a name that a stream of the registry has, and a registry with metrics of these names, and leaves it as it was', async () => {
    const registry = new Registry();
    prometheusMetrics({ registry, meter: new Meter() });
    const before = await registry.metrics();
    expect(() => prometheusMetrics({ registry, meter: new Meter() })).toThrow(
      'prometheusMetrics: the registry has a stream "main"; give this one another name',
    );
    expect(await registry.metrics()).toBe(before);

    const other = new Registry();
    new Counter({ name: 'rxframe_connections_total', help: 'not ours', registers: [other] });
    const state$ = new Subject<ConnectionState>();
    expect(() => prometheusMetrics({ registry: other, meter: new Meter(), state$ })).toThrow(
      'the registry has a metric rxframe_connections_total already, which is not ours',
    );
    expect(other.getMetricsAsArray()).toHaveLength(1);
    expect(state$.observed).toBe(false);
  });

  it('keeps reasons to a hundred: those that come later are one count, and no count falls', async () => {
    const registry = new Registry();
    const meter = new Meter();
    prometheusMetrics({ registry, meter });
    const rejectFor = (from: number, to: number) => {
      for (let nth = from; nth < to; nth += 1) meter.record(rejectedFrame('mine', `${nth}` as RejectReason));
    };
    const counts = async () => {
      const rejected = scraped(await registry.metrics()).filter(({ labels }) => labels['outcome'] === 'rejected');
      return new Map(rejected.map(({ labels, value }) => [labels['reason'] ?? '', value]));
    };
    rejectFor(1_000, 1_090);
    expect((await counts()).size).toBe(90);
    // Objects put such names first: they must not push out those that were there.
    rejectFor(0, 1_000);
    const after = await counts();
    expect(after.size).toBe(101);
    expect([after.get('1000'), after.get('1089'), after.get('other')]).toEqual([1, 1, 990]);
    expect([...after.values()].reduce((sum, count) => sum + count)).toBe(1_090);
  });

  it('is scraped as OpenMetrics too, by the names that it asks for', async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const exported = prometheusMetrics({ registry, meter: new Meter() });
    const twice = [await registry.metrics(), await registry.metrics()];
    for (const text of twice) {
      expect(text).toContain(
        '# TYPE rxframe_frames counter\nrxframe_frames_total{stream="main",outcome="accepted"} 0\n',
      );
      expect(text.endsWith('# EOF\n')).toBe(true);
    }
    exported.unsubscribe();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('stays as it is where the registry is reset: counts are never taken back', async () => {
    const registry = new Registry();
    const meter = new Meter();
    prometheusMetrics({ registry, meter });
    meter.record(raw('x'));
    registry.resetMetrics();
    expect(scraped(await registry.metrics())[0]?.value).toBe(1);
  });

  const registry = new Registry();
  const meter = new Meter();
  it.each([
    [
      { registry: {}, meter },
      'prometheusMetrics: registry must be an object with a method registerMetric(), got an object',
    ],
    [{ registry, meter: 1 }, 'prometheusMetrics: meter must be an object with a method snapshot(), got 1'],
    [
      { registry, meter, state$: 'open' },
      'prometheusMetrics: state$ must be an object with a method subscribe(), got "open"',
    ],
    [{ registry, meter, stream: '' }, 'prometheusMetrics: stream must be a name, got ""'],
    [{ registry, meter, labels: {} }, 'prometheusMetrics: there is no option "labels"'],
  ])('refuses %j', (options, message) => {
    expect(() => prometheusMetrics(options as never)).toThrow(message);
    expect(registry.getMetricsAsArray()).toEqual([]);
  });
});
