import type { NotificationTotals } from './notification-totals.ts';

/** A channel, as it is at the moment. A snapshot: it does not change. */
export interface SimulatedChannel {
  /** Its ordinal, from 0, in the order in which channels were made. */
  readonly ordinal: number;
  readonly id: string;
  readonly connectUri: string;
  /** When it ends, in milliseconds since the epoch by the platform's clock. */
  readonly expires: number;
  /** The subscription ids, as they were sent, joined ones included. */
  readonly subscriptions: readonly string[];
  /** Whether a socket is open on it, be it half-open. */
  readonly isConnected: boolean;
}

/**
 * **What can be done to the simulated notification service.** Where a method takes the id of a channel, it is for all of
 * them without one; a RangeError is thrown where there is no such channel.
 */
export interface NotificationControls {
  /** What it has done so far. */
  readonly totals: NotificationTotals;
  /** The channels that there are, oldest first. */
  channels(): readonly SimulatedChannel[];
  /** The topics that the activity can publish at the moment; none without one. */
  topics(): readonly `v2.${string}`[];
  /** Publishes an event to whoever is subscribed to the topic. */
  publish(topicName: string, eventBody: object): void;
  /** Sends `v2.system.socket_closing`, and closes the socket (1001) when the time of the notice is up. */
  closeSoon(channelId?: string): void;
  /** Breaks the connection off: what is under way is lost, the client sees 1006. */
  cut(channelId?: string): void;
  /** Makes the connection half-open: from now on nothing comes, in either direction, and nobody is told. */
  mute(channelId?: string): void;
  /** Ends the channel: its socket is told (`"result":"404"`) and closed (1008). */
  expire(channelId?: string): void;
  /** Has the REST API answer 429 for so many seconds. */
  throttle(seconds: number): void;
}
