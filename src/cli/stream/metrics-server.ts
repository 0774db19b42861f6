import { prometheusMetrics } from '../../telemetry/prometheus-metrics.ts';
import { serveMetrics } from '../../telemetry/serve-metrics.ts';
import type { Companion, CompanionParts } from './companion.ts';
import type { MetricsAddress } from '../arguments/metrics-address.ts';

/**
 * **The server of `--metrics-address`**: metrics of the stream and of the process, `/healthz` and `/readyz`, as long as the stream lasts;
 * no metrics where prom-client is not installed.
 *
 * @throws the system's error, where the address can't be listened on
 */
export async function metricsServer(
  address: MetricsAddress,
  { meter, state$, log }: CompanionParts,
): Promise<Companion> {
  const client = await promClient();
  if (client === undefined) {
    const server = await serveMetrics({ ...address, state$ });
    log(
      `/healthz and /readyz on ${server.url}; no /metrics without prom-client: npm install prom-client (with --global, where rxframe is installed so)`,
    );
    return server;
  }
  const { collectDefaultMetrics, Registry } = client;
  const registry = new Registry();
  const server = await serveMetrics({ ...address, registry, state$ });
  collectDefaultMetrics({ register: registry });
  const exported = prometheusMetrics({ registry, meter, state$ });
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
