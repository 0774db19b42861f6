import {
  catchError,
  concat,
  defer,
  distinctUntilChanged,
  finalize,
  map,
  merge,
  of,
  skipWhile,
  switchMap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { knownOptions } from '../../../operators/options.ts';
import { bucketKey } from './bucket-key.ts';
import { ClaimedKey } from './claimed-key.ts';
import { claims } from './claims.ts';
import {
  checkedCoordination,
  COORDINATION_OPTIONS,
  inBucket,
  type CoordinationOptions,
} from './coordination-bucket.ts';

/** Options of {@link lease}. */
export interface LeaseOptions extends CoordinationOptions {
  /** What one at a time is to have: letters, digits, `-` `_` `=` `/`, and dots between them. */
  readonly key: string;
  /** Who takes it, for people who look into the bucket; two of the same id still don't have it at once. */
  readonly id: string;
}

/** How much of the ttl a holder goes by: timers are late, and clocks run differently. */
const TERM = 0.9;

/**
 * **Whether this process has a key, which no two have at once.** Cold: tries when it is subscribed to, and emits nothing until it has the key;
 * gives it back when it is unsubscribed from.
 *
 *     nobody has it                       ----t--------
 *     the engine does not answer          ----t-----f--     0.9 ttl after the last renewal was sent
 *     somebody else has it, and goes      ----------t--
 *
 * The holder renews the key each third of the ttl, and goes by its own clock: it emits false when 0.9 ttl have passed since it **sent** the last
 * renewal that was answered, and at once where the engine says that somebody else has the key. The engine keeps it for a whole ttl after
 * that renewal **came**, so that the others get it later. Then it tries again.
 *
 * A key that is given back is taken within half a second; that of a process that died, after the ttl.
 *
 * What it rests on: a process that stood still (a frozen one, a long computation) emits false only once it runs again, and
 * may do something in between; the engine's clock must not be set forward by more than a tenth of the ttl; and a server without replicas
 * whose machine loses its power may forget the last renewals; the bucket must not be removed. Where that can't be borne, what the lease guards has to check too.
 *
 * Errors with what the engine says where it refuses the bucket, and with a NetworkError where the connection is closed; false comes
 * before that. All else is tried again.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function lease(options: LeaseOptions): Observable<boolean> {
  knownOptions('lease', options, [...COORDINATION_OPTIONS, 'key', 'id']);
  const coordination = checkedCoordination('lease', options);
  const key = `lease.${bucketKey('lease: key', options.key)}`;
  const id = bucketKey('lease: id', options.id);

  return defer(() => {
    const own = new ClaimedKey(key, id);
    return inBucket(coordination, (bucket) =>
      claims(own, bucket).pipe(map((claim) => (claim.held ? claim.sentAt + bucket.ttl * TERM : 0))),
    ).pipe(
      switchMap(heldUntil),
      catchError((error: unknown) =>
        concat(
          of(false),
          throwError(() => error),
        ),
      ),
      distinctUntilChanged(),
      skipWhile((held) => !held),
      // Without a marker: of several who replace one, a cluster (nats-server 2.9) lets more than one through.
      finalize(() => own.release(({ remove }, key, revision) => remove(key, revision))),
    );
  });
}

/** True until then, in monotonic milliseconds. The timer runs before anybody is told, who may take long over it. */
function heldUntil(end: number): Observable<boolean> {
  const left = end - performance.now();
  return left > 0 ? merge(timer(left).pipe(map(() => false)), of(true)) : of(false);
}
