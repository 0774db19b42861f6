import { readFileSync } from 'node:fs';
import { BehaviorSubject } from 'rxjs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parsedFrame } from '../../marble-tests/marbles.ts';
import type { ConnectionState } from '../../operators/connection-state.ts';
import { RejectedFrame } from '../../operators/frame.ts';
import { jsonType } from '../../operators/json-type.ts';
import { Meter } from '../../operators/meter.ts';
import { ConsumeTotals } from '../../src/jetstream/consume/consume-totals.ts';
import { PublishTotals } from '../../src/jetstream/publish/publish-totals.ts';
import { CONSUME_METRICS, PUBLISH_METRICS } from '../../src/telemetry/jetstream-metrics.ts';
import { definePayloadTypes } from '../../operators/payload-types.ts';
import { metricsServer } from '../../src/cli/stream/metrics-server.ts';
import { prometheusName } from '../../src/telemetry/prometheus-name.ts';
import { FRAME_DURATION, STREAM_METRICS } from '../../src/telemetry/stream-metrics.ts';
import { scraped, type Scraped } from '../telemetry/scrape.ts';
import { parseQuery } from './promql.ts';

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
  readonly datasource: { readonly uid: string };
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
}

const read = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');
const { panels, templating } = JSON.parse(read('grafana-dashboard.json')) as Dashboard;
const targets = panels.flatMap(({ title, targets = [] }) => targets.map((target) => [title, target] as const));
const alerts = [
  ...read('prometheus-alerts.yml').matchAll(/- alert: (\w+)\n +expr: (?:>-\n)?((?:.|\n)+?)\n +(?:for|labels):/g),
].map(([, name = '', expr = '']) => [name, expr] as const);

/** Prometheus puts these on by itself. */
const OWN_LABELS = ['job', 'instance'];
const OWN_METRICS = ['up'];

/** What the server of `rxframe listen --metrics-address` gives after a frame of each kind; a test of the command holds the two together. */
let exported: readonly Scraped[] = [];

beforeAll(async () => {
  const types = definePayloadTypes({ order: jsonType(true) });
  const order = parsedFrame(types, 'order', {});
  const meter = new Meter();
  const state$ = new BehaviorSubject<ConnectionState>({ status: 'open', connectionId: 'c1' });
  const log = vi.fn<(text: string) => void>();
  const jetStream = { published: new PublishTotals(), consumed: new ConsumeTotals(), lag: () => 5 };
  const server = await metricsServer({ host: '127.0.0.1', port: 0 }, { meter, state$, log }, jetStream);
  meter.record(order);
  meter.record(new RejectedFrame(order, 'checksum', 'checksum-mismatch', [{ message: 'wrong' }], false));
  const said = log.mock.calls[0]?.[0] ?? '';
  exported = scraped(await (await fetch(said.replace('metrics on ', ''))).text());
  await server.close();
});

/** What is wrong with a query, by what is exported. */
function faults(expr: string): string[] {
  const { errors, selectors, grouping } = parseQuery(expr.replaceAll('$__rate_interval', '5m'));
  const found = errors.map((rest) => `no PromQL from ${JSON.stringify(rest)}`);
  if (selectors.length === 0) found.push('it selects nothing');
  for (const { metric, matchers } of selectors) {
    if (OWN_METRICS.includes(metric)) continue;
    const series = exported.filter(({ name }) => name === metric);
    if (series.length === 0) found.push(`there is no metric ${metric}`);
    const labels = labelsOf(series);
    for (const label of [...matchers.map(({ label }) => label), ...grouping]) {
      if (!labels.includes(label)) found.push(`${metric} has no label ${label}`);
    }
    for (const { label, operator, value } of matchers) {
      if (operator === '=' && !OWN_LABELS.includes(label) && !series.some(({ labels }) => labels[label] === value)) {
        found.push(`${metric} has no ${label}="${value}"`);
      }
    }
  }
  return found;
}

function labelsOf(series: readonly Scraped[]): string[] {
  return [...OWN_LABELS, ...new Set(series.flatMap(({ labels }) => Object.keys(labels)))];
}

describe('the Grafana dashboard', () => {
  it.each(targets)('asks for what is exported: %s', (_, { expr }) => {
    expect(faults(expr)).toEqual([]);
  });

  it.each(targets)('names series by labels that they have: %s', (_, { expr, legendFormat }) => {
    const { aggregates, grouping, selectors } = parseQuery(expr.replaceAll('$__rate_interval', '5m'));
    const own = labelsOf(exported.filter(({ name }) => selectors.some(({ metric }) => metric === name)));
    const there = aggregates ? grouping : own;
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
    expect(there).toEqual(expect.arrayContaining(named));
  });

  it('uses no variable that it does not have, and each that it has', () => {
    const names = templating.list.map(({ name }) => name);
    const used = targets.flatMap(([, { expr, datasource }]) =>
      [...`${expr} ${datasource.uid}`.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name),
    );
    expect(new Set(used)).toEqual(new Set([...names, '__rate_interval']));
    const queries = templating.list.flatMap(({ definition }) => definition ?? []);
    expect(queries).toHaveLength(3);
    for (const query of queries) {
      const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      expect(faults(`count by (${label}) (${selector})`)).toEqual([]);
    }
  });

  it('shows each metric of a stream somewhere', () => {
    const asked = new Set(
      targets.flatMap(([, { expr }]) =>
        parseQuery(expr.replaceAll('$__rate_interval', '5m')).selectors.map(({ metric }) => metric),
      ),
    );
    const all = [
      ...[...STREAM_METRICS, ...PUBLISH_METRICS, ...CONSUME_METRICS].map(prometheusName),
      ...['bucket', 'sum', 'count'].map((part) => `${prometheusName(FRAME_DURATION)}_${part}`),
    ];
    expect(all.filter((name) => !asked.has(name))).toEqual([]);
  });

  it('has panels that lie side by side, each with an id of its own', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, nth) => `${x + (nth % w)},${y + Math.floor(nth / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });
});

describe('the alerts', () => {
  it('are all read by this test', () => {
    expect(alerts).toHaveLength(read('prometheus-alerts.yml').match(/- alert:/g)?.length ?? 0);
  });

  it.each(alerts)('%s asks for what is exported', (_, expr) => {
    expect(faults(expr)).toEqual([]);
  });
});

describe('what finds faults', () => {
  it.each([
    ['sum(rate(rxframe_frames_total[5m])', 'no PromQL from'],
    ['rxframe_frames', 'there is no metric rxframe_frames'],
    ['sum by (kind) (rxframe_frames_total)', 'rxframe_frames_total has no label kind'],
    ['rxframe_frames_total{kind=~"$job"}', 'rxframe_frames_total has no label kind'],
    ['rxframe_connection_state{state="up"}', 'rxframe_connection_state has no state="up"'],
    ['1', 'it selects nothing'],
  ])('finds that of %s', (expr, fault) => {
    expect(faults(expr).join()).toContain(fault);
  });
});
