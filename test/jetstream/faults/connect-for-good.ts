import { connect, type NatsConnection } from '@nats-io/transport-node';

/** A connection that is tried until there is one, and again whenever it is lost. */
export function connectForGood(servers: string): Promise<NatsConnection> {
  return connect({ servers, waitOnFirstConnect: true, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
}
