/** What a simulated notification service has done so far. A snapshot: it does not change. */
export interface NotificationTotals {
  /** REST calls, without preflights. */
  readonly requests: number;
  /** Those of them answered with 429. */
  readonly throttled: number;
  /** Channels made. */
  readonly channels: number;
  /** Channels ended because the application made one too many. */
  readonly replaced: number;
  /** Sockets opened on channels. */
  readonly connections: number;
  /** Events published; one that goes to two topics counts as two. */
  readonly events: number;
  /** Deliveries that came off: an event counts once for each channel that got it. */
  readonly delivered: number;
  /** Deliveries that did not. */
  readonly lost: number;
}
