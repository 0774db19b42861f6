import { CONSUME_METRICS, PUBLISH_METRICS } from './jetstream-metrics.ts';
import { STREAM_METRICS, type NumberMetric } from './stream-metrics.ts';
import type { SampledStream } from './stream-sampler.ts';

/** The metrics that a stream has: those of JetStream only where it is counted there. */
export function metricsOf({
  published,
  consumed,
}: Pick<SampledStream, 'published' | 'consumed'>): readonly NumberMetric[] {
  return [
    ...STREAM_METRICS,
    ...(published === undefined ? [] : PUBLISH_METRICS),
    ...(consumed === undefined ? [] : CONSUME_METRICS),
  ];
}
