import { RawFrame } from '../../../operators/frame.ts';
import type { Delivery } from '../../../src/jetstream/consume/delivery.ts';

/** A frame with this payload, as `fromJetStream` makes it. */
export function frameOf(payload: string, { isBinary = false } = {}): RawFrame {
  const rawData = new TextEncoder().encode(payload);
  return new RawFrame({
    rawData,
    isBinary,
    connectionId: 'c1',
    sequence: 7,
    timestamp: 1_769_860_800_000,
    receivedAt: 0,
  });
}

/** What the engine says of it. */
export function deliveryOf(facts: Partial<Delivery> = {}): Delivery {
  return {
    stream: 'GENESYS-3',
    partition: 3,
    sequence: 42,
    deliveryCount: 1,
    storedAt: 1_769_860_800_100,
    subject: 'genesys.acme.interaction%2Eupdate.conversation-1.3',
    organizationId: 'acme',
    payloadType: 'interaction.update',
    key: 'conversation-1',
    messageId: 'id-1',
    ...facts,
  };
}
