/** **What has become of the messages that `fromJetStream` got.** Given to it, read whenever one likes. */
export class ConsumeTotals {
  /** Frames handed out. */
  received = 0;
  /** Payload bytes of them. */
  bytes = 0;
  /** Acknowledged to the engine, dead letters included. */
  acknowledged = 0;
  /** Of those that came from the engine, how many it had delivered to this group before. */
  redelivered = 0;
  /** How often work that failed was tried again in this process. */
  retries = 0;
  /** Published as dead letters. */
  deadLettered = 0;
  /** How many are in hand: handed out, and not settled. */
  inHand = 0;
  /** How many partitions this member reads now. */
  partitions = 0;
}
