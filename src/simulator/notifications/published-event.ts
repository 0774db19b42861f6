/** An event, as the notification service took it to pass it on. */
export interface PublishedEvent {
  /** Its number, from 0 without a hole. An event with several topics is one for each of them. */
  readonly number: number;
  /** The topic. */
  readonly topicName: string;
  /** `metadata.CorrelationId` of the message; no other event has it. */
  readonly correlationId: string;
  /** When, in milliseconds since the epoch by the platform's clock. */
  readonly publishedAt: number;
  /** How many channels are subscribed to the topic: so many times it is told to `onDelivery`, sooner or later. */
  readonly channels: number;
}

/**
 * What became of an event on a channel that is subscribed to its topic.
 *
 * | outcome | when |
 * |---|---|
 * | `delivered` | in memory: the client has it; over TCP: it was handed to the socket |
 * | `no-socket` | no socket was open on the channel. Nothing is kept for later |
 * | `lost` | the connection was half-open, or broke before the event was there |
 */
export type DeliveryOutcome = 'delivered' | 'no-socket' | 'lost';

/** One event on one channel. */
export interface EventDelivery {
  /** {@link PublishedEvent.number}. */
  readonly number: number;
  readonly channelId: string;
  /** The ordinal of the connection, from 0, counting those to all channels; undefined where there was none. */
  readonly connection: number | undefined;
  readonly outcome: DeliveryOutcome;
  /** When that was known, in milliseconds since the epoch by the platform's clock. */
  readonly at: number;
}
