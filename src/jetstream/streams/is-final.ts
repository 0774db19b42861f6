import { errors } from '@nats-io/transport-node';

/** Whether an error of the client will not heal by itself: the connection is closed for good, or must not do this. */
export function isFinal(error: unknown): boolean {
  if (error instanceof errors.ClosedConnectionError || error instanceof errors.DrainingConnectionError) return true;
  if (error instanceof errors.PermissionViolationError || error instanceof errors.AuthorizationError) return true;
  return error instanceof Error && error.cause !== undefined && isFinal(error.cause);
}
