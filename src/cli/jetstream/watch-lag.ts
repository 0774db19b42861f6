import type { NatsConnection } from '@nats-io/transport-node';
import { catchError, defer, exhaustMap, of, timer, type Subscription } from 'rxjs';
import { groupLag } from '../../jetstream/consume/group.ts';

/** How often the engine is asked, in milliseconds. */
const PERIOD = 5_000;

/** How far a group is behind. */
export interface LagReading {
  /** How many messages wait for it, as the engine said last; undefined where it does not say. */
  waiting: number | undefined;
}

/** **Asks the engine every five seconds how many messages wait for a group**, until it is unsubscribed. */
export function watchLag(
  connection: NatsConnection,
  group: { readonly stream: string; readonly group: string },
  reading: LagReading,
): Subscription {
  // The engine may be away, or the group not made yet.
  const unknown = () => of({ waiting: undefined });
  const lag$ = timer(0, PERIOD).pipe(
    exhaustMap(() => defer(() => groupLag(connection, group)).pipe(catchError(unknown))),
  );
  return lag$.subscribe(({ waiting }) => (reading.waiting = waiting));
}
