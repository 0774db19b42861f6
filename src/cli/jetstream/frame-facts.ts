import { isoTime } from '../../../operators/audit-record.ts';
import type { LiveFrame } from '../../../operators/frame.ts';
import type { Delivery } from '../../jetstream/consume/delivery.ts';
import { percentEncoded } from '../../jetstream/streams/percent-encoded.ts';

/** **What a command or a webhook is told of a frame besides its payload**: visible ASCII, all else percent-encoded. */
export interface FrameFacts {
  /** The same for each copy of the event, and each time that it is delivered. */
  readonly messageId: string;
  readonly payloadType: string;
  /** The conversation, or what else it stays in order with. */
  readonly key: string;
  readonly organization: string;
  readonly stream: string;
  readonly sequence: string;
  readonly deliveryCount: string;
  readonly frameId: string;
  /** When the ingester received it, in ISO 8601. */
  readonly timestamp: string;
}

/** The facts of a frame. What is not known is empty. */
export function frameFacts(frame: LiveFrame, delivery: Delivery): FrameFacts {
  const { stream, sequence, messageId = `${stream}-${sequence}` } = delivery;
  return {
    messageId: visible(messageId),
    payloadType: visible(delivery.payloadType ?? ''),
    key: visible(delivery.key ?? ''),
    organization: visible(delivery.organizationId ?? ''),
    stream,
    sequence: String(sequence),
    deliveryCount: String(delivery.deliveryCount),
    frameId: visible(frame.frameId),
    timestamp: isoTime(frame.timestamp),
  };
}

/** An environment takes no NUL, and a header only Latin-1 without control characters. */
function visible(text: string): string {
  return text.replace(/[^!-~]|%/gu, percentEncoded);
}
