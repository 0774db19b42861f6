import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';

/** The engine's error: the message is larger than what the stream takes. */
const MESSAGE_TOO_LARGE = 10054;

/** Whether a message was refused for its size: by the client, which knows the server's `max_payload`, or by the stream. */
export function isTooLarge(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === MESSAGE_TOO_LARGE;
  return error instanceof errors.InvalidArgumentError && error.message.includes('max_payload');
}
