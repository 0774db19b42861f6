/** **What has become of the outcomes that `toJetStream` took.** Given to it, read whenever one likes. */
export class PublishTotals {
  /** Acknowledged by the engine: those stored, and those that it knew already. */
  published = 0;
  /** Of these, how many it knew already: another ingester was first, or an acknowledgement got lost. */
  duplicates = 0;
  /** Payload bytes of those published. */
  bytes = 0;
  /** How often one was sent again, because no acknowledgement came. */
  retries = 0;
  /** Which will never be published: too large, for example. */
  refused = 0;
  /** How many were sent, and not acknowledged yet. */
  inFlight = 0;
  /** How many are inside: in flight, or waiting for their turn. */
  inside = 0;
}
