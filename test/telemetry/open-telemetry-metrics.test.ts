import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Subject } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { raw, rejectedFrame } from '../../marble-tests/marbles.ts';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { Meter } from '../../operators/meter.ts';
import { openTelemetryMetrics } from '../../src/telemetry/open-telemetry-metrics.ts';
import { FRAME_DURATION_QUANTILE, STREAM_METRICS } from '../../src/telemetry/stream-metrics.ts';

const providers: MeterProvider[] = [];
afterEach(async () => {
  await Promise.all(providers.splice(0).map((provider) => provider.shutdown()));
});

/** OpenTelemetry's own SDK, read when the test says so. */
function sdk() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  providers.push(provider);
  return {
    openTelemetry: provider.getMeter('rxframe'),
    /** All that is exported: the name, what the points say of themselves, and their values. */
    read: async () => {
      exporter.reset();
      await reader.forceFlush();
      const metrics = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
      return new Map(
        metrics.map(({ descriptor, dataPointType, dataPoints }) => [
          descriptor.name,
          {
            unit: descriptor.unit,
            description: descriptor.description,
            kind: dataPointType === DataPointType.SUM ? 'counter' : 'gauge',
            points: dataPoints.map(({ attributes, value }) => ({ ...attributes, value })),
          },
        ]),
      );
    },
  };
}

describe('openTelemetryMetrics', () => {
  it('has the SDK read what the meter and the states tell, each metric as it is defined', async () => {
    const { openTelemetry, read } = sdk();
    const clock = { time: 1_000, now: () => clock.time };
    const meter = new Meter({ clock });
    const state$ = new Subject<ConnectionState>();
    const snapshot = vi.spyOn(meter, 'snapshot');
    openTelemetryMetrics({ openTelemetry, meter, state$, stream: 'eu' });
    state$.next({ status: 'open', connectionId: 'a' });
    clock.time = 1_002;
    meter.record(raw('123'));
    meter.record(rejectedFrame('decode', 'malformed-json'));
    expect(snapshot).not.toHaveBeenCalled();

    const exported = await read();
    expect(snapshot).toHaveBeenCalledTimes(1);
    const points = (name: string) => exported.get(name)?.points;
    expect(points('rxframe.frames')).toEqual([
      { stream: 'eu', outcome: 'accepted', value: 1 },
      { stream: 'eu', outcome: 'rejected', reason: 'malformed-json', value: 1 },
    ]);
    expect(points('rxframe.received')).toEqual([{ stream: 'eu', value: 4 }]);
    expect(points('rxframe.connections')).toEqual([{ stream: 'eu', value: 1 }]);
    expect(points('rxframe.connection.state')).toContainEqual({ stream: 'eu', state: 'open', value: 1 });
    expect(points('rxframe.frame.duration.quantile')).toEqual([
      { stream: 'eu', quantile: '0.5', value: 0.002 },
      { stream: 'eu', quantile: '0.99', value: 0.002 },
      { stream: 'eu', quantile: '0.999', value: 0.002 },
    ]);
    for (const { name, unit, description, kind } of [...STREAM_METRICS, FRAME_DURATION_QUANTILE]) {
      const found = exported.get(name);
      if (found !== undefined) expect({ name, ...found }).toMatchObject({ name, unit, description, kind });
    }
    // Nothing was compared, and nothing had a type.
    const absent = STREAM_METRICS.map(({ name }) => name).filter((name) => !exported.has(name));
    expect(absent).toEqual(['rxframe.typed_frames', 'rxframe.integrity']);
  });

  it('lets two streams share the instruments, and asks one no more without the other', async () => {
    const { openTelemetry, read } = sdk();
    const state$ = new Subject<ConnectionState>();
    const [meter, other] = [new Meter(), new Meter()];
    const asked = vi.spyOn(meter, 'snapshot');
    const first = openTelemetryMetrics({ openTelemetry, meter, state$, stream: 'first' });
    const second = openTelemetryMetrics({ openTelemetry, meter: other, stream: 'second' });
    const bytes = async () => (await read()).get('rxframe.received')?.points;
    expect(await bytes()).toEqual([
      { stream: 'first', value: 0 },
      { stream: 'second', value: 0 },
    ]);
    first.unsubscribe();
    expect(state$.observed).toBe(false);
    meter.record(raw('1'));
    other.record(raw('12'));
    // Of a counter that nobody observes any more the SDK repeats the last value.
    expect(await bytes()).toEqual([
      { stream: 'first', value: 0 },
      { stream: 'second', value: 2 },
    ]);
    expect(asked).toHaveBeenCalledTimes(1);
    second.unsubscribe();
  });

  it.each([
    [
      { openTelemetry: {} },
      'openTelemetryMetrics: openTelemetry must be an object with a method addBatchObservableCallback()',
    ],
    [
      { openTelemetry: sdk().openTelemetry, meter: {} },
      'openTelemetryMetrics: meter must be an object with a method snapshot()',
    ],
    [
      { openTelemetry: sdk().openTelemetry, meter: new Meter(), stream: 7 },
      'openTelemetryMetrics: stream must be a name, got 7',
    ],
    [{ api: 1 }, 'openTelemetryMetrics: there is no option "api"'],
  ])('refuses what it can’t use: case %#', (options, message) => {
    expect(() => openTelemetryMetrics(options as never)).toThrow(message);
  });
});
