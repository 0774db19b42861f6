import { prometheusMetrics } from '../../telemetry/prometheus-metrics.ts';
import { serveMetrics } from '../../telemetry/serve-metrics.ts';
import type { ConsumeTotals } from '../../jetstream/consume/consume-totals.ts';
import type { PublishTotals } from '../../jetstream/publish/publish-totals.ts';
import type { Companion, CompanionParts } from './companion.ts';
import type { MetricsAddress } from '../arguments/metrics-address.ts';

/** What is known of a stream besides what every stream has. */
export interface MoreMetrics {
  /** What it needs besides a connection, and has not: see `serveMetrics`. */
  readonly missing?: () => string | undefined;
  readonly published?: PublishTotals;
  readonly consumed?: ConsumeTotals;
  /** How many messages wait for the group, as it was read last. */
  readonly lag?: () => number | undefined;
}

/**
 * **The server of `--metrics-address`**: metrics of the stream and of the process, `/healthz` and `/readyz`, as long as the stream lasts;
 * no metrics where prom-client is not installed.
 *
 * @throws the system's error, where the address can't be listened on
 */
export async function metricsServer(
  address: MetricsAddress,
  { meter, state$, log }: Pick<CompanionParts, 'meter' | 'state$' | 'log'>,
  { missing, ...counts }: MoreMetrics = {},
): Promise<Companion> {
  const probes = { ...address, state$, ...(missing && { missing }) };
  const client = await promClient();
  if (client === undefined) {
    const server = await serveMetrics(probes);
    log(
      `/healthz and /readyz on ${server.url}; no /metrics without prom-client: npm install prom-client (with --global, where rxframe is installed so)`,
    );
    return server;
  }
  const { collectDefaultMetrics, Registry } = client;
  const registry = new Registry();
  const server = await serveMetrics({ ...probes, registry });
  collectDefaultMetrics({ register: registry });
  const exported = prometheusMetrics({ registry, meter, state$, ...counts });
  log(`metrics on ${server.url}/metrics`);
  return {
    close: () => {
      exported.unsubscribe();
      return server.close();
    },
  };
}

async function promClient() {
  try {
    return await import('prom-client');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'prom-client'")) throw error;
    return undefined;
  }
}
