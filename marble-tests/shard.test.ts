import { concat, NEVER, of, take, VirtualTimeScheduler, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { ownersOf } from '../src/jetstream/sharing/owners-of.ts';
import { shard, type ShardOptions } from '../src/jetstream/sharing/shard.ts';
import { marbles, record } from './marbles.ts';

/** Topics by who has them: of a and b, and with c. */
const candidates = Array.from({ length: 200 }, (_, i) => `t${i}`);
const topicOf = (...owners: readonly string[]) =>
  candidates.find((topic) =>
    [
      ['a', 'b'],
      ['a', 'b', 'c'],
    ].every((ids, i) => ownersOf(topic, ids)[0] === owners[i]),
  )!;

/** Always a's; a's until c comes; b's until c comes, and always b's. */
const AA = topicOf('a', 'a');
const AC = topicOf('a', 'c');
const BC = topicOf('b', 'c');
const BB = topicOf('b', 'b');
const ALL = [BB, AC, BC, AA];

const MEMBERS = { 1: ['a'], 2: ['a', 'b'], 3: ['a', 'b', 'c'] };

function sharded(topics: Observable<readonly string[]>, options: Partial<ShardOptions<string>>) {
  return topics.pipe(shard({ members$: of(['a']), id: 'a', linger: 4, ...options }));
}

describe('shard', () => {
  it(
    'gives the topics that the rule gives this member, in their order',
    marbles(({ cold, expectObservable }) => {
      const topics = cold('-t', { t: ALL });
      for (const [id, own] of [
        ['a', [AC, AA]],
        ['b', [BB, BC]],
        ['c', []],
      ] as const) {
        const members$ = cold('--2', MEMBERS);
        expectObservable(sharded(topics, { members$, id })).toBe('--x', { x: own });
      }
    }),
  );

  it(
    'has what it gets at once, and what another one gets for as long as it lingers',
    marbles(({ cold, expectObservable }) => {
      const topics = cold('t', { t: ALL });
      const members$ = cold('1---------2---------3---------2', MEMBERS);
      expectObservable(sharded(topics, { members$, id: 'a' })).toBe('x-------------y---------z-----y', {
        x: ALL,
        y: [AC, AA],
        z: [AA],
      });
      expectObservable(sharded(topics, { members$, id: 'b' })).toBe('e---------x-------------z-----x', {
        e: [],
        x: [BB, BC],
        z: [BB],
      });
    }),
  );

  it(
    'keeps what comes back while it lingers, and lets it linger anew when it goes again',
    marbles(({ cold, expectObservable }) => {
      const topics = cold('t', { t: [AC] });
      const members$ = cold('2--3--2-3---', MEMBERS);
      expectObservable(sharded(topics, { members$, id: 'a' })).toBe('x-----------e', { x: [AC], e: [] });
    }),
  );

  it(
    'lets each topic linger for its own time',
    marbles(({ cold, expectObservable }) => {
      const topics = cold('t', { t: ALL });
      const members$ = cold('1-2-3', MEMBERS);
      expectObservable(sharded(topics, { members$, id: 'a' })).toBe('x-----y-z', {
        x: ALL,
        y: [AC, AA],
        z: [AA],
      });
    }),
  );

  it(
    'lets the one go first that another member had first for good',
    marbles(({ cold, expectObservable }) => {
      const ranked = (...order: readonly string[]) =>
        candidates.find((topic) => ownersOf(topic, ['a', 'b', 'c'], 3).join() === order.join())!;
      const [one, other] = [ranked('c', 'a', 'b'), ranked('b', 'a', 'c')];
      const topics = cold('t', { t: [one, other] });
      // One goes at 3, comes back at 4, and goes at 5; the other one goes at 4.
      const members$ = cold('1--425', { ...MEMBERS, 4: ['a', 'c'], 5: ['a', 'b', 'c'] });
      expectObservable(sharded(topics, { members$, id: 'a' })).toBe('x-------yz', {
        x: [one, other],
        y: [one],
        z: [],
      });
    }),
  );

  it(
    'lets a topic go at once that is no topic any more, lingering or not',
    marbles(({ cold, expectObservable }) => {
      const topics = cold('t--u-t', { t: [AC, AA], u: [AA] });
      const members$ = cold('2-3', MEMBERS);
      expectObservable(sharded(topics, { members$, id: 'a' })).toBe('x--y', { x: [AC, AA], y: [AA] });
    }),
  );

  it(
    'does not linger where it is told not to',
    marbles(({ cold, expectObservable }) => {
      const members$ = cold('2--3', MEMBERS);
      const result = sharded(cold('t', { t: ALL }), { members$, id: 'a', linger: 0 });
      expectObservable(result).toBe('x--y', { x: [AC, AA], y: [AA] });
    }),
  );

  it(
    'lingers for ten seconds where nothing else is said',
    marbles(({ cold, expectObservable }) => {
      const members$ = cold('2--3', MEMBERS);
      const result = cold('t', { t: ALL }).pipe(shard({ members$, id: 'a' }));
      expectObservable(result).toBe('x-- 10s y', { x: [AC, AA], y: [AA] });
    }),
  );

  it(
    'says nothing where nothing changes',
    marbles(({ cold, expectObservable }) => {
      const members$ = cold('2-2-2', MEMBERS);
      const topics = cold('t--u-v', { t: [AA, BB], u: [AA], v: [AA, AC] });
      expectObservable(sharded(topics, { members$, id: 'a' })).toBe('x----y', { x: [AA], y: [AA, AC] });
    }),
  );

  it('has as many copies as asked for, on different members', () => {
    const topics = Array.from({ length: 30 }, (_, i) => `topic-${i}`);
    const had = ['a', 'b', 'c'].map((id) => {
      let own: readonly string[] = [];
      sharded(of(topics), { members$: of(['a', 'b', 'c']), id, copies: 2, linger: 0 }).subscribe(
        (next) => (own = next),
      );
      return own;
    });
    for (const topic of topics) expect(had.filter((own) => own.includes(topic))).toHaveLength(2);
  });

  it('keeps together what has the same key', () => {
    const topics = Array.from({ length: 30 }, (_, i) => [
      `v2.users.${i}.presence`,
      `v2.users.${i}.routingStatus`,
    ]).flat();
    const key = (topic: string) => topic.slice(0, topic.lastIndexOf('.'));
    let own: readonly string[] = [];
    const members$ = of(['a', 'b', 'c']);
    sharded(of(topics), { members$, key, linger: 0 }).subscribe((next) => (own = next));
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThan(topics.length);
    for (const topic of own) expect(own.filter((other) => key(other) === key(topic))).toHaveLength(2);
  });

  it(
    'completes when both sources have, and nothing lingers',
    marbles(({ cold, expectObservable }) => {
      const values = { ...MEMBERS, t: ALL, x: ALL, y: [AC, AA] };
      const topics = cold('(t|)', values);
      expectObservable(sharded(topics, { members$: cold('1-2|', values) })).toBe('x-----(y|)', values);
      expectObservable(sharded(topics, { members$: cold('1-2---------|', values) })).toBe('x-----y-----|', values);
      expectObservable(sharded(concat(topics, NEVER), { members$: cold('1-2|', values) })).toBe('x-----y', values);
    }),
  );

  it(
    'errors as its sources do',
    marbles(({ cold, expectObservable }) => {
      const values = { ...MEMBERS, t: ALL, x: ALL };
      expectObservable(sharded(cold('t-#', values), {})).toBe('x-#', values);
      expectObservable(sharded(cold('t', values), { members$: cold('1--#', values) })).toBe('x--#', values);
    }),
  );

  it(
    'leaves no timer behind',
    marbles(({ cold, at, scheduler, pending }) => {
      const members$ = cold('2-3', MEMBERS);
      const topics = cold('t', { t: ALL });
      const { subscription } = record(sharded(topics, { members$, linger: 100, scheduler }), scheduler);
      at(3, () => {
        expect(pending()).toBe(1);
        subscription.unsubscribe();
        expect(pending()).toBe(0);
      });
    }),
  );

  it('takes the time from the scheduler that it is given', () => {
    const scheduler = new VirtualTimeScheduler();
    const seen: (readonly string[])[] = [];
    const members$ = of(MEMBERS[2], MEMBERS[3]);
    sharded(of(ALL), { members$, linger: 60_000, scheduler }).subscribe((topics) => seen.push(topics));
    expect(seen).toEqual([[AC, AA]]);
    scheduler.flush();
    expect(seen).toEqual([[AC, AA], [AA]]);
    expect(scheduler.now()).toBe(60_000);
  });

  it(
    'knows of each subscription on its own',
    marbles(({ cold, expectObservable }) => {
      const result = sharded(cold('t', { t: ALL }), { members$: cold('1-2', MEMBERS) }).pipe(take(2));
      expectObservable(result).toBe('x-----(y|)', { x: ALL, y: [AC, AA] });
      expectObservable(result, '-----^').toBe('-----x-----(y|)', { x: ALL, y: [AC, AA] });
    }),
  );

  it.each([
    [{ id: 'a b' }, 'shard: id must be 1 to 250 letters, digits, - _ = / and dots between them, got "a b"'],
    [{ copies: 0 }, 'shard: copies must be a positive integer, got 0'],
    [{ linger: -1 }, 'shard: linger must be a number of milliseconds'],
    [{ members$: ['a'] }, 'shard: members$ must be an object with a method subscribe(), got an array'],
    [{ key: 'x' }, 'shard: key must be a function'],
    [{ scheduler: {} }, 'shard: scheduler must be an object with a method schedule()'],
    [{ ttl: 1 }, 'shard: there is no option "ttl"'],
  ])('fails at the call, where an option is not allowed: %o', (wrong, message) => {
    const options = { members$: of(['a']), id: 'a', ...wrong } as ShardOptions<string>;
    expect(() => shard(options)).toThrow(message);
  });
});
