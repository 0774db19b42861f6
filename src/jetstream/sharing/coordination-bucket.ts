import { jetstream, JetStreamApiError, StorageType } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { defer, retry, switchMap, tap, throwError, timer, type Observable } from 'rxjs';
import { NetworkError } from '../../../operators/errors.ts';
import { duration, oneOf, optionError, withMethod } from '../../../operators/options.ts';
import { checkedName } from '../streams/checked-name.ts';
import { isFinal } from '../streams/is-final.ts';
import { managerOf } from '../streams/stream-layout.ts';

/** Options of what several processes agree through: a bucket. */
export interface CoordinationOptions {
  /** One that connects again for ever (`maxReconnectAttempts: -1`): where it is closed for good, the stream fails. */
  readonly connection: NatsConnection;
  /** The bucket. It is made where it isn't there, and nothing else belongs into it. @defaultValue `'rxframe'` */
  readonly bucket?: string;
  /**
   * After what time of silence a process counts as dead, in milliseconds from 1,000. A property of the bucket, so that all go by the same:
   * where the bucket is there, its own counts, and this is not looked at. @defaultValue 10,000
   */
  readonly ttl?: number;
  /** On how many servers the bucket is kept, where it is made: 1 to 5. @defaultValue 1 */
  readonly replicas?: number;
}

/** What {@link CoordinationOptions} are called. */
export const COORDINATION_OPTIONS = ['connection', 'bucket', 'ttl', 'replicas'];

/** A bucket that is open. */
export interface CoordinationBucket {
  readonly kv: KV;
  /** For how long what is written there stays, in milliseconds. */
  readonly ttl: number;
  /** Removes a key that still has that revision, and leaves no marker of it. */
  remove(this: void, key: string, revision: number): Promise<unknown>;
}

/** The shortest time to live: a third of it must be enough for a request over a network, and for a late timer. */
const SHORTEST_TTL = 1000;

/** The engine's code for a stream that somebody else made in the same moment, with another configuration. */
const STREAM_NAME_IN_USE = 10_058;

/** @throws TypeError or RangeError where an option is not allowed */
export function checkedCoordination(where: string, options: CoordinationOptions): Required<CoordinationOptions> {
  const { bucket = 'rxframe' } = options;
  const ttl = duration(`${where}: ttl`, options.ttl ?? 10_000);
  if (ttl < SHORTEST_TTL) throw optionError(`${where}: ttl`, `at least ${SHORTEST_TTL} ms`, ttl);
  return {
    connection: withMethod(`${where}: connection`, 'request', options.connection),
    bucket: checkedName(`${where}: bucket`, bucket),
    ttl,
    replicas: oneOf(`${where}: replicas`, [1, 2, 3, 4, 5], options.replicas ?? 1),
  };
}

/** How long to wait before something is tried again that has not worked out, in milliseconds. */
export function retryDelay(ttl: number): number {
  return Math.min(500, ttl / 6);
}

/**
 * **Does something in a bucket**, and begins anew with opening it whenever that fails: the server may be gone and come back, and the bucket
 * with it.
 *
 * It fails for good where the engine refuses the bucket at the first time: JetStream is off, or not permitted; where the
 * bucket keeps things for ever; and with a NetworkError where the connection is closed.
 */
export function inBucket<T>(
  options: Required<CoordinationOptions>,
  use: (bucket: CoordinationBucket) => Observable<T>,
): Observable<T> {
  return defer(() => {
    let opened = false;
    return defer(() => open(options)).pipe(
      tap(() => (opened = true)),
      switchMap(use),
      retry({
        delay: (cause: unknown) => {
          if (options.connection.isClosed()) {
            return throwError(() => new NetworkError('The connection to NATS was closed.', { cause }));
          }
          return opened || isPassing(cause) ? timer(retryDelay(options.ttl)) : throwError(() => cause);
        },
      }),
    );
  });
}

/**
 * It is on disk, since a server that comes back must still know who has what: a lease that was forgotten would be given to another one
 * while the first goes by it.
 */
async function open(options: Required<CoordinationOptions>): Promise<CoordinationBucket> {
  const { connection, bucket, ttl, replicas } = options;
  // A request that isn't answered must leave time for another one before a lease runs out.
  const kvm = new Kvm(jetstream(connection, { timeout: Math.max(250, ttl / 6) }));
  const kv = await kvm.create(bucket, { ttl, replicas, history: 1, storage: StorageType.File });
  const { ttl: actual } = await kv.status();
  if (actual === 0) {
    throw new RangeError(`The bucket ${bucket} keeps what is written for ever: it must be one with a ttl, of its own.`);
  }
  if (actual !== ttl) return open({ ...options, ttl: actual });
  const { streams } = await managerOf(connection);
  const remove = (key: string, revision: number) =>
    streams.purge(`KV_${bucket}`, { filter: `$KV.${bucket}.${key}`, seq: revision + 1 });
  return { kv, ttl, remove };
}

/** Whether another time may do, for the first opening too. */
function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === STREAM_NAME_IN_USE || error.status >= 500;
  if (!(error instanceof Error) || isFinal(error)) return false;
  // A server that has just started has clients before it has JetStream: nobody responds.
  return [error, error.cause].some((cause) => PASSING.some((type) => cause instanceof type));
}

const PASSING = [errors.TimeoutError, errors.ConnectionError, errors.RequestError];
