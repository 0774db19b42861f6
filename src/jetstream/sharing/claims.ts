import { defer, expand, switchMap, timer, type Observable } from 'rxjs';
import type { Claim, ClaimedKey } from './claimed-key.ts';
import { retryDelay, type CoordinationBucket } from './coordination-bucket.ts';

/** **Claims a key again and again**: while it is held each third of the ttl, so that one may fail; else twice a second or more often. */
export function claims(key: ClaimedKey, bucket: CoordinationBucket): Observable<Claim> {
  const { ttl } = bucket;
  const claim$ = defer(() => key.claim(bucket));
  return claim$.pipe(expand(({ held }) => timer(held ? ttl / 3 : retryDelay(ttl)).pipe(switchMap(() => claim$))));
}
