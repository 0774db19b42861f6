import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { prometheusName } from '../../src/telemetry/prometheus-name.ts';
import { CONSUME_METRICS, PUBLISH_METRICS } from '../../src/telemetry/jetstream-metrics.ts';
import { FRAME_DURATION, FRAME_DURATION_QUANTILE, STREAM_METRICS } from '../../src/telemetry/stream-metrics.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The rows of the table that has these columns, cell by cell, without the marks of Markdown. */
function rows(...columns: readonly string[]): string[][] {
  const [, table = ''] = read('docs/production.md').split(
    `| ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length)}\n`,
  );
  return table
    .slice(0, table.indexOf('\n\n'))
    .split('\n')
    .map((row) => row.slice(2, -2).replaceAll('`', '').split(' | '));
}

describe('docs/production.md', () => {
  it('has each metric as it is defined, no more and no fewer', () => {
    const defined = [
      ...STREAM_METRICS,
      ...PUBLISH_METRICS,
      ...CONSUME_METRICS,
      FRAME_DURATION,
      FRAME_DURATION_QUANTILE,
    ].map((metric) => [
      metric.name === FRAME_DURATION.name ? '–' : metric.name,
      metric.name === FRAME_DURATION_QUANTILE.name ? '–' : prometheusName(metric),
      metric.kind,
      metric.unit,
      metric.attributes.join(', ') || '–',
      metric.description,
    ]);
    expect(rows('OpenTelemetry', 'Prometheus', 'kind', 'unit', 'labels', 'what')).toEqual(defined);
  });

  it('has each alert', () => {
    const alerts = [...read('deploy/prometheus-alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(rows('alert', 'when', 'what to do').map(([name]) => name)).toEqual(alerts);
  });
});
