import type { MetricDefinition } from './stream-metrics.ts';

const UNITS: Readonly<Record<string, string>> = { By: '_bytes', s: '_seconds', '1': '_ratio' };

/** **The name that a metric has in Prometheus**, by OpenTelemetry's rules: `rxframe.received` in bytes, a counter, is `rxframe_received_bytes_total`. */
export function prometheusName({ name, kind, unit }: MetricDefinition): string {
  return `${name.replaceAll('.', '_')}${UNITS[unit] ?? ''}${kind === 'counter' ? '_total' : ''}`;
}
