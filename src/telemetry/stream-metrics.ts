import type { ConnectionState } from '../../operators/connection-state.ts';
import type { StreamSample } from './stream-sampler.ts';

/** One value of a metric, and the attributes that tell it from the others. */
export interface MetricPoint {
  readonly value: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a metric is, by whatever it is exported. Names and units are as OpenTelemetry's conventions have them. */
export interface MetricDefinition {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** `By`, `s`, `1` for a share, or what is counted, in braces. */
  readonly unit: string;
  readonly description: string;
  /** Besides `stream`, which all have. */
  readonly attributes: readonly string[];
}

/** A metric of which each point is a number. */
export interface NumberMetric extends MetricDefinition {
  readonly kind: 'counter' | 'gauge';
  readonly read: (sample: StreamSample) => readonly MetricPoint[];
}

/** How long frames took. As a histogram, where an exporter can give one from counts. */
export const FRAME_DURATION = {
  name: 'rxframe.frame.duration',
  kind: 'histogram',
  unit: 's',
  description: 'Time from the receipt of a frame to its outcome.',
  attributes: [],
} as const satisfies MetricDefinition;

/** The same as quantiles, where an exporter can't. */
export const FRAME_DURATION_QUANTILE: NumberMetric = {
  name: 'rxframe.frame.duration.quantile',
  kind: 'gauge',
  unit: 's',
  description:
    "Time from the receipt of a frame to its outcome, which that share of the meter's window did not exceed.",
  attributes: ['quantile'],
  read: ({ snapshot: { latency } }) => {
    if (latency === undefined) return [];
    const { p50, p99, p999 } = latency;
    return Object.entries({ 0.5: p50, 0.99: p99, 0.999: p999 }).map(([quantile, milliseconds]) =>
      metricPoint(milliseconds / 1_000, { quantile }),
    );
  },
};

const STATUSES = [
  'connecting',
  'open',
  'waiting',
  'closing',
  'closed',
  'failed',
] as const satisfies readonly ConnectionState['status'][];

/** **The metrics of a stream**: what each exporter exports, and what the documentation and the dashboard speak of. */
export const STREAM_METRICS: readonly NumberMetric[] = [
  {
    name: 'rxframe.frames',
    kind: 'counter',
    unit: '{frame}',
    description: 'Outcomes: accepted frames, and rejected ones by reason.',
    attributes: ['outcome', 'reason'],
    read: ({ snapshot, byReason }) => [
      metricPoint(snapshot.accepted, { outcome: 'accepted' }),
      ...[...byReason].map(([reason, count]) => metricPoint(count, { outcome: 'rejected', reason })),
    ],
  },
  {
    name: 'rxframe.typed_frames',
    kind: 'counter',
    unit: '{frame}',
    description: 'Outcomes by payload type; those rejected before their type was known are left out.',
    attributes: ['payload_type'],
    read: ({ byType }) => [...byType].map(([payload_type, count]) => metricPoint(count, { payload_type })),
  },
  {
    name: 'rxframe.skipped_frames',
    kind: 'counter',
    unit: '{frame}',
    description: 'Frames that preselect took out before they became an outcome.',
    attributes: [],
    read: ({ snapshot }) => [metricPoint(snapshot.skipped)],
  },
  {
    name: 'rxframe.received',
    kind: 'counter',
    unit: 'By',
    description: 'Payload bytes of the outcomes.',
    attributes: [],
    read: ({ snapshot }) => [metricPoint(snapshot.bytes)],
  },
  {
    name: 'rxframe.integrity',
    kind: 'gauge',
    unit: '1',
    description: "Of the outcomes in the meter's window whose digest was compared, the share that had the right one.",
    attributes: [],
    read: ({ snapshot: { integrityRate } }) => (integrityRate === undefined ? [] : [metricPoint(integrityRate)]),
  },
  {
    name: 'rxframe.connection.state',
    kind: 'gauge',
    unit: '{connection}',
    description: '1 for the state that the stream is in, 0 for the others; open while any of its connections is.',
    attributes: ['state'],
    read: ({ connections }) =>
      connections === undefined
        ? []
        : STATUSES.map((state) => metricPoint(connections.current?.status === state ? 1 : 0, { state })),
  },
  {
    name: 'rxframe.open_connections',
    kind: 'gauge',
    unit: '{connection}',
    description: 'Connections that are open now.',
    attributes: [],
    read: ({ connections }) => (connections === undefined ? [] : [metricPoint(connections.open)]),
  },
  {
    name: 'rxframe.connections',
    kind: 'counter',
    unit: '{connection}',
    description: 'Connections that were opened.',
    attributes: [],
    read: ({ connections }) => (connections === undefined ? [] : [metricPoint(connections.opened)]),
  },
  {
    name: 'rxframe.connection.failures',
    kind: 'counter',
    unit: '{failure}',
    description: 'Attempts that failed and connections that were lost, by failure class.',
    attributes: ['class'],
    read: ({ connections }) =>
      Object.entries(connections?.failures ?? {}).map(([name, count]) => metricPoint(count, { class: name })),
  },
  {
    name: 'rxframe.reconnect.delay',
    kind: 'gauge',
    unit: 's',
    description: 'The wait before the next attempt; 0 while none is waited for.',
    attributes: [],
    read: ({ connections }) => {
      if (connections === undefined) return [];
      const { current } = connections;
      return [metricPoint(current?.status === 'waiting' ? current.delay / 1_000 : 0)];
    },
  },
];

/** One value of a metric. */
export function metricPoint(value: number, attributes: MetricPoint['attributes'] = {}): MetricPoint {
  return { value, attributes };
}
