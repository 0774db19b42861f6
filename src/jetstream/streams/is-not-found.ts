import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';

/** Whether the engine says that there is no such stream, or consumer. */
export function isNotFound(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError)) return false;
  return error.code === JetStreamApiCodes.StreamNotFound || error.code === JetStreamApiCodes.ConsumerNotFound;
}
