import type { KV, KvWatchEntry } from '@nats-io/kv';
import type { QueuedIterator } from '@nats-io/transport-node';
import {
  concat,
  defer,
  distinctUntilChanged,
  filter,
  finalize,
  from,
  map,
  merge,
  Observable,
  switchMap,
  tap,
  throwError,
} from 'rxjs';
import { knownOptions } from '../../../operators/options.ts';
import { bucketKey, bucketToken } from './bucket-key.ts';
import { ClaimedKey, type Claim } from './claimed-key.ts';
import { claims } from './claims.ts';
import {
  checkedCoordination,
  COORDINATION_OPTIONS,
  inBucket,
  type CoordinationBucket,
  type CoordinationOptions,
} from './coordination-bucket.ts';
import { IdInUseError } from './id-in-use-error.ts';
import { MemberView } from './member-view.ts';

/** Options of {@link members}. */
export interface MembersOptions extends CoordinationOptions {
  /** Those who share something: letters, digits, `-` `_` `=` `/`. */
  readonly group: string;
  /**
   * This member's: letters, digits, `-` `_` `=` `/`, and dots between them. No two processes may have the same. What a member
   * gets goes by its id, so that one that comes back under the same gets the same.
   */
  readonly id: string;
}

/**
 * **Who of a group is alive**: joins it when it is subscribed to, emits the sorted ids of all members, its own among them, whenever they
 * change, and leaves when it is unsubscribed from. Cold.
 *
 *     b comes, and goes         ----A----B------A-----      A: [a], B: [a, b]
 *     the engine is away        ----B-----------------      as it was; after it, all have a ttl to show up again
 *
 * Each member writes a key of the bucket each third of the ttl, and watches those of the others. One that leaves is gone at once; one that died,
 * or is cut off, after one to one and a third of the ttl. The first emission has all who are there. One that is cut off itself keeps what
 * it saw last: two members may differ in what they see for so long, and who must exclude the others takes a {@link lease}.
 *
 * With n members, 3 n² ÷ ttl messages a second come from the engine: 750 for 50 members and 10 s.
 *
 * Errors with an {@link IdInUseError} where another process that lives is the member of that id. Of two, the one whose key
 * it is stays; one that was frozen for longer than the ttl finds the key another's, and fails. One that starts again under the id with which it
 * died waits until that is forgotten, which takes the ttl. Errors with what the engine says where it refuses the bucket, and with
 * a NetworkError where the connection is closed. All else is tried again.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function members(options: MembersOptions): Observable<readonly string[]> {
  knownOptions('members', options, [...COORDINATION_OPTIONS, 'group', 'id']);
  const coordination = checkedCoordination('members', options);
  const group = bucketToken('members: group', options.group);
  const id = bucketKey('members: id', options.id);

  return defer(() => {
    const own = new ClaimedKey(`member.${group}.${id}`, id);
    const view = new MemberView(id);
    let rival: number | undefined;

    const checkRival = (claim: Claim) => {
      if (claim.held || claim.other === undefined) return;
      const isMember = view.ids !== undefined;
      // A dead one's revision stays as it is.
      if (isMember || (rival !== undefined && claim.other !== rival)) throw new IdInUseError(group, id);
      rival = claim.other;
    };

    return inBucket(coordination, (bucket) => watchAndBeat(bucket, `member.${group}.`, own, view)).pipe(
      tap((claim) => {
        if (claim !== undefined) checkRival(claim);
      }),
      map(() => view.ids),
      filter((ids) => ids !== undefined),
      distinctUntilChanged(),
      // The others see the marker.
      finalize(() => own.release(({ kv }, key, previousSeq) => kv.delete(key, { previousSeq }))),
    );
  });
}

/** Keeps the own key, and the view up to date. Emits at each change that there may be, and the claims. */
function watchAndBeat(
  bucket: CoordinationBucket,
  prefix: string,
  own: ClaimedKey,
  view: MemberView,
): Observable<Claim | undefined> {
  const before = own.revision;
  let echoed = 0;
  let sent = 0;

  const take = (entry: KvWatchEntry) => {
    const id = entry.key.slice(prefix.length);
    if (entry.key !== own.key) {
      if (entry.operation === 'PUT') view.saw(id, performance.now());
      else view.left(id);
    } else if (entry.revision > before && entry.operation === 'PUT' && entry.string() === own.value) {
      echoed = entry.revision;
      view.beat(performance.now(), bucket.ttl);
    }
  };

  /** The watch may be lost without a word, as with a server that starts again. */
  const checkEcho = (claim: Claim) => {
    if (sent > echoed) throw new Error('The watch does not show what is written.');
    sent = claim.held ? claim.revision : 0;
  };

  return watching(bucket.kv, `${prefix}>`).pipe(
    switchMap((watch) =>
      merge(
        entriesOf(watch).pipe(
          tap(take),
          map(() => undefined),
        ),
        claims(own, bucket).pipe(tap(checkEcho)),
      ),
    ),
  );
}

/** A watch of the keys of that pattern, once it is there: what is written from then on, it shows. */
function watching(kv: KV, key: string): Observable<QueuedIterator<KvWatchEntry>> {
  return new Observable((subscriber) => {
    kv.watch({ key }).then(
      (watch) => {
        subscriber.add(() => watch.stop());
        subscriber.next(watch);
      },
      (error: unknown) => subscriber.error(error),
    );
  });
}

/** It ends by itself only where the connection is closed. */
function entriesOf(watch: QueuedIterator<KvWatchEntry>): Observable<KvWatchEntry> {
  return concat(
    from(watch),
    throwError(() => new Error('The watch has ended.')),
  );
}
