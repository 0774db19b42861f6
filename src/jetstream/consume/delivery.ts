/** **A message that the engine has delivered**, and the frame in it. `deliveryOf` finds that of a frame. */
export interface Delivery {
  /** The engine's stream: that of a partition. */
  readonly stream: string;
  readonly partition: number;
  /** The message's place in that stream: from 1, and the same for all groups. */
  readonly sequence: number;
  /** How often the engine has delivered it to this group: more than 1 after a crash. */
  readonly deliveryCount: number;
  /** When the engine stored it, in milliseconds since the epoch. */
  readonly storedAt: number;
  readonly subject: string;
  readonly organizationId: string | undefined;
  readonly payloadType: string | undefined;
  /** The conversation, or what else it stays in order with. */
  readonly key: string | undefined;
  /** `Nats-Msg-Id`: the same for each copy of the event, whatever brought it. An idempotency key for whoever gets the frame. */
  readonly messageId: string | undefined;
}
