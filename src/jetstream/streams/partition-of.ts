import { hash } from './hash.ts';

/**
 * **The partition that a key belongs to**, from 0 up to `partitions`: the remainder of the key's {@link hash}.
 *
 * All who publish must agree on it, in whatever language they are written, or the frames of one conversation would be in two
 * partitions and lose their order. So it is a part of the format, and it is why the number of partitions can't change.
 *
 * @param partitions - how many there are, from 1
 */
export function partitionOf(key: string, partitions: number): number {
  return hash(key) % partitions;
}
