import { hash } from '../streams/hash.ts';

/**
 * **Which members have a key**: those with the highest weights, where a member's weight is a hash of the key and its id
 * (rendezvous hashing: Thaler and Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM Transactions on
 * Networking 6(1), 1998).
 *
 * Whoever knows the members comes to the same answer, in whatever order they are named, with nobody to ask. Where a member comes,
 * only what it gets moves: 1/n of the keys, from all the others alike. Where one goes, only what it had moves, and each key goes to the
 * one that is next for it.
 *
 * @param members - their ids, each one once
 * @param copies - how many are to have the key
 * @returns their ids, the first choice first; fewer than `copies` where there are fewer members
 */
export function ownersOf(key: string, members: readonly string[], copies = 1): readonly string[] {
  const seed = hash(key);
  const owners: string[] = [];
  const weights: number[] = [];
  for (const member of members) {
    const weight = hash(member, seed);
    let rank = owners.length;
    while (rank > 0 && isBefore(weight, member, weights[rank - 1] as number, owners[rank - 1] as string)) rank -= 1;
    if (rank === copies) continue;
    owners.splice(rank, 0, member);
    weights.splice(rank, 0, weight);
    if (owners.length > copies) {
      owners.pop();
      weights.pop();
    }
  }
  return owners;
}

/** Equal weights are rare, and then the ids decide, so that the order in which the members are named does not. */
function isBefore(weight: number, id: string, otherWeight: number, otherId: string): boolean {
  return weight > otherWeight || (weight === otherWeight && id < otherId);
}
