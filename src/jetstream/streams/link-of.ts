import type { NatsConnection } from '@nats-io/transport-node';

/** Which link a connection has to a server now: another one after each time that it was lost, or the server started again. */
export function linkOf({ info }: NatsConnection): string {
  return info === undefined ? '' : `${info.server_id}/${info.client_id}`;
}
