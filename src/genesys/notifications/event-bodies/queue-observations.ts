import { list, members, number, record, text, type Described } from '../../body-schema.ts';

/** The body of `v2.analytics.queues.{id}.observations`. Source: `StatEventQueueTopicStatsNotification` of `purecloud-platform-client-v2`. */
export const queueObservations = members({
  group: record(text),
  data: list(
    members({
      interval: text,
      metrics: list(members({ metric: text, qualifier: text, stats: record(number) })),
    }),
  ),
});

/**
 * A queue's figures: `group` says of which queue (`queueId`) and medium (`mediaType`), `data[].metrics[]` holds each `metric`
 * (`oWaiting`, `oInteracting`, `nOffered`, …) with its `stats` (`count`, `sum`, …) in an ISO 8601 `interval`.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is shown in messages of the compiler
export interface QueueObservations extends Described<typeof queueObservations> {}
