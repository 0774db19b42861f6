import { ownersOf } from '../sharing/owners-of.ts';

/**
 * **Which member of a group reads which partition**: each of them at most one more than any other, and few move when a member comes or goes. The
 * same for all who know the same members.
 *
 *     members a, b, c; 8 partitions      a: 0 3 6    b: 1 2 7    c: 4 5
 */
export function assignPartitions(
  partitions: number,
  members: readonly string[],
): ReadonlyMap<string, readonly number[]> {
  const assigned = new Map<string, number[]>(members.map((member) => [member, []]));
  const most = Math.ceil(partitions / members.length);
  for (let partition = 0; partition < partitions; partition += 1) {
    const ranked = ownersOf(String(partition), members, members.length);
    const member = ranked.find((candidate) => (assigned.get(candidate)?.length ?? 0) < most);
    if (member !== undefined) assigned.get(member)?.push(partition);
  }
  return assigned;
}
