import { metricPoint, type NumberMetric } from './stream-metrics.ts';
import type { StreamSample } from './stream-sampler.ts';

/** The metrics of what `toJetStream` publishes. */
export const PUBLISH_METRICS: readonly NumberMetric[] = [
  totalsMetric(
    'published',
    'rxframe.jetstream.published',
    'counter',
    '{message}',
    'Messages that the engine has acknowledged: those that it stored, and those that it knew already.',
    ({ published }) => published,
  ),
  totalsMetric(
    'published',
    'rxframe.jetstream.duplicates',
    'counter',
    '{message}',
    'Of the published messages, those that the engine knew already, and kept once.',
    ({ duplicates }) => duplicates,
  ),
  totalsMetric(
    'published',
    'rxframe.jetstream.sent',
    'counter',
    'By',
    'Payload bytes of the published messages.',
    ({ bytes }) => bytes,
  ),
  totalsMetric(
    'published',
    'rxframe.jetstream.publish.retries',
    'counter',
    '{retry}',
    'Messages that were sent again, because no acknowledgement had come.',
    ({ retries }) => retries,
  ),
  totalsMetric(
    'published',
    'rxframe.jetstream.refused',
    'counter',
    '{message}',
    'Outcomes that can never be published: too large, for example.',
    ({ refused }) => refused,
  ),
  totalsMetric(
    'published',
    'rxframe.jetstream.in_flight',
    'gauge',
    '{message}',
    'Messages that were sent, and are not acknowledged yet.',
    ({ inFlight }) => inFlight,
  ),
  totalsMetric(
    'published',
    'rxframe.jetstream.waiting',
    'gauge',
    '{message}',
    'Outcomes that wait for their turn to be sent.',
    ({ inside, inFlight }) => inside - inFlight,
  ),
];

/** The metrics of what `fromJetStream` and `ackWith` consume. */
export const CONSUME_METRICS: readonly NumberMetric[] = [
  totalsMetric(
    'consumed',
    'rxframe.jetstream.received',
    'counter',
    '{message}',
    'Frames that were handed out.',
    ({ received }) => received,
  ),
  totalsMetric(
    'consumed',
    'rxframe.jetstream.taken',
    'counter',
    'By',
    'Payload bytes of the frames that were handed out.',
    ({ bytes }) => bytes,
  ),
  totalsMetric(
    'consumed',
    'rxframe.jetstream.redelivered',
    'counter',
    '{message}',
    'Messages from the engine that it had delivered to the group before.',
    ({ redelivered }) => redelivered,
  ),
  totalsMetric(
    'consumed',
    'rxframe.jetstream.acknowledged',
    'counter',
    '{message}',
    'Messages that were acknowledged to the engine, dead letters included.',
    ({ acknowledged }) => acknowledged,
  ),
  totalsMetric(
    'consumed',
    'rxframe.jetstream.work.retries',
    'counter',
    '{retry}',
    'Work that failed, and was tried again in this process.',
    ({ retries }) => retries,
  ),
  totalsMetric(
    'consumed',
    'rxframe.jetstream.dead_lettered',
    'counter',
    '{message}',
    'Messages that were published as dead letters.',
    ({ deadLettered }) => deadLettered,
  ),
  totalsMetric(
    'consumed',
    'rxframe.jetstream.in_hand',
    'gauge',
    '{message}',
    'Frames that were handed out, and are not settled yet.',
    ({ inHand }) => inHand,
  ),
  totalsMetric(
    'consumed',
    'rxframe.jetstream.partitions',
    'gauge',
    '{partition}',
    'Partitions that this member of the group reads.',
    ({ partitions }) => partitions,
  ),
  {
    name: 'rxframe.jetstream.lag',
    kind: 'gauge',
    unit: '{message}',
    description: 'Messages that wait for the group; the same in each of its members.',
    attributes: [],
    read: ({ lag }) => (lag === undefined ? [] : [metricPoint(lag)]),
  },
];

/** A metric of one of the totals; it has no points where these are not counted. */
function totalsMetric<Of extends 'published' | 'consumed'>(
  of: Of,
  name: string,
  kind: NumberMetric['kind'],
  unit: string,
  description: string,
  read: (totals: NonNullable<StreamSample[Of]>) => number,
): NumberMetric {
  return {
    name,
    kind,
    unit,
    description,
    attributes: [],
    read: ({ [of]: totals }) => (totals === undefined ? [] : [metricPoint(read(totals))]),
  };
}
