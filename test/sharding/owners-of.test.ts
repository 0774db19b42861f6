import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash } from '../../src/jetstream/streams/hash.ts';
import { ownersOf } from '../../src/jetstream/sharing/owners-of.ts';
import { partitionOf } from '../../src/jetstream/streams/partition-of.ts';
import { mulberry32, uuid } from '../../src/simulator/random.ts';

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i}`);

/** The names that topics and members have. */
const random = mulberry32(9);
const TOPICS = Array.from({ length: 20_000 }, () => `v2.users.${uuid(random)}.presence`);
const POD_NAMES = Array.from({ length: 50 }, () => `ingest-${uuid(random)}`);

function counts(values: Iterable<string | number>): readonly number[] {
  const found = new Map<string | number, number>();
  for (const value of values) found.set(value, (found.get(value) ?? 0) + 1);
  return [...found.values()];
}

/** How far counts are from what chance makes of them, in standard deviations of chi squared. */
function deviation(found: readonly number[], cells: number): number {
  const total = found.reduce((sum, count) => sum + count, 0);
  const mean = total / cells;
  const empty = (cells - found.length) * mean;
  const chiSquared = found.reduce((sum, count) => sum + (count - mean) ** 2 / mean, empty);
  return (chiSquared - (cells - 1)) / Math.sqrt(2 * (cells - 1));
}

describe('hash', () => {
  it.each([
    ['', 0xab3e7c0b],
    ['a', 0x1a80b1b3],
    ['foobar', 0x0c0da6dc],
    ['Zürich', 0xad5bb597],
    ['会話', 0x8374c09d],
    ['a😀z', 0x10444394],
    ['8d0a2cbf-4e7f-4d60-8a3c-2e0f5a1b9c77', 0xfb070b05],
  ])('of %j is the same for ever', (text, expected) => {
    expect(hash(text)).toBe(expected);
  });
});

describe('partitionOf', () => {
  it.each([
    ['', 8, 3],
    ['a', 12, 3],
    ['foobar', 8, 4],
    ['Zürich', 8, 7],
    ['会話', 12, 5],
    ['a😀z', 12, 8],
    ['8d0a2cbf-4e7f-4d60-8a3c-2e0f5a1b9c77', 8, 5],
    ['anything', 1, 0],
  ])('of %j, of %i partitions, is the same for ever', (key, partitions, expected) => {
    expect(partitionOf(key, partitions)).toBe(expected);
  });

  it.each([
    ['UUIDs', Array.from({ length: 20_000 }, () => uuid(random))],
    ['numbers', numbered('', 20_000)],
    ['names with a number at the end', numbered('conversation-', 20_000)],
    ['names with a number in front', numbered('', 20_000).map((number) => `${number}.conversation`)],
  ])('spreads %s as chance would', (_, keys) => {
    for (const partitions of [2, 8, 12, 64]) {
      expect(deviation(counts(keys.map((key) => partitionOf(key, partitions))), partitions)).toBeLessThan(4);
    }
  });
});

describe('ownersOf', () => {
  it.each([
    ['v2.users.1.presence', ['a', 'b', 'c'], ['a']],
    ['v2.users.2.presence', ['a', 'b', 'c'], ['a', 'b']],
    ['會議', ['ingest-0', 'ingest-1', 'ingest-2'], ['ingest-2', 'ingest-0', 'ingest-1']],
    ['k', ['zürich', 'genève', 'bern'], ['genève', 'zürich', 'bern']],
  ])('of %j among %j is the same for ever', (key, members, expected) => {
    expect(ownersOf(key, members, expected.length)).toEqual(expected);
  });

  it('gives as many as there are copies, or members', () => {
    expect(ownersOf('k', [], 2)).toEqual([]);
    expect(ownersOf('k', ['a'], 2)).toEqual(['a']);
    expect(ownersOf('k', ['a', 'b', 'c'])).toHaveLength(1);
    expect(new Set(ownersOf('k', ['a', 'b', 'c'], 3))).toEqual(new Set(['a', 'b', 'c']));
  });

  it('does not depend on the order of the members; more copies only add; who goes leaves the others as they were', () => {
    const someMembers = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.string(), someMembers, fc.nat(), fc.nat(), (key, members, at, copies) => {
        const ranked = ownersOf(key, members, members.length);
        expect(ranked).toHaveLength(members.length);
        expect(ownersOf(key, [...members].reverse(), members.length)).toEqual(ranked);
        const gone = members[at % members.length];
        const rest = members.filter((member) => member !== gone);
        const wanted = 1 + (copies % members.length);
        expect(ownersOf(key, rest, wanted)).toEqual(ranked.filter((member) => member !== gone).slice(0, wanted));
      }),
    );
  });

  it('lets the ids decide where two weigh the same', () => {
    // Found by trying many.
    const [one, other] = ['member--13662d87-184137', 'member-5eadbbde-13118'] as const;
    expect(hash(one, hash('k'))).toBe(hash(other, hash('k')));
    expect(ownersOf('k', [one, other])).toEqual([one]);
    expect(ownersOf('k', [other, one])).toEqual([one]);
  });

  it.each([
    ['numbered', numbered('ingest-', 50)],
    ['lettered', Array.from('abcdefghijklmnopqrst')],
    ['hosts', numbered('node', 20).map((name) => `${name}.example.com`)],
    ['UUIDs', POD_NAMES],
  ])('spreads topics over members that are %s as chance would, first and second choices', (_, members) => {
    const owners = TOPICS.map((topic) => ownersOf(topic, members, 2));
    for (const rank of [0, 1]) {
      expect(deviation(counts(owners.map((ranked) => ranked[rank]!)), members.length)).toBeLessThan(4);
    }
    // What one member had goes to all the others alike.
    const heirs = owners.filter(([first]) => first === members[0]).map(([, second]) => second!);
    expect(deviation(counts(heirs), members.length - 1)).toBeLessThan(4);
  });

  it('takes no seconds for 20,000 topics and 50 members', () => {
    const at = performance.now();
    for (const topic of TOPICS) ownersOf(topic, POD_NAMES, 2);
    // A fifth of one on a machine that does nothing else.
    expect(performance.now() - at).toBeLessThan(2_000);
  });
});
