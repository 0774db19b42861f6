import {
  asyncScheduler,
  combineLatest,
  defer,
  distinctUntilChanged,
  EMPTY,
  expand,
  map,
  of,
  switchMap,
  timer,
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { callable, durationOrZero, knownOptions, positiveInteger, withMethod } from '../../../operators/options.ts';
import { bucketKey } from './bucket-key.ts';
import { ownersOf } from './owners-of.ts';

/** Options of {@link shard}. */
export interface ShardOptions<T extends string> {
  /** The ids of those who share the topics, this member's among them, whenever they change: {@link members}. */
  readonly members$: Observable<readonly string[]>;
  /** This member's. */
  readonly id: string;
  /**
   * What a topic goes by: those with the same are on the same members. Topics of Genesys Cloud that differ in their last part are one
   * subscription where they are together: `(topic) => topic.slice(0, topic.lastIndexOf('.'))`. @defaultValue the topic
   */
  readonly key?: (topic: T) => string;
  /** How many members have each topic. With two, one that dies takes no event along. @defaultValue 1 */
  readonly copies?: number;
  /**
   * For how long a topic is kept that another member has from now on, in milliseconds: as long as that one needs to see it, and to
   * subscribe. Meanwhile both have it. @defaultValue 10,000
   */
  readonly linger?: number;
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

/**
 * **Of all topics, those that this member has** by {@link ownersOf}. All members come to the same answer by themselves, and where one comes or goes,
 * 1/n of the topics move.
 *
 *     topics              A-----------------B--|      A: [t, u, v], B: [u, v]
 *     members$            m-----n--------------|      m: [a], n: [a, b]; v is b's then
 *     shard, linger: 4    x---------y-------z--|      x: [t, u, v], y: [t, u], z: [u]
 *
 * A topic that it gets is there at once, and one that another member gets after `linger`: a topic that moves is never without
 * a subscription. One that isn't among the topics any more goes at once. In the order of the topics, and only where something changes.
 *
 * To go without a gap, leave the group first, and end `linger` later: `members(…).pipe(takeUntil(stop$))` as `members$`, and
 * `takeUntil(stop$.pipe(delay(linger)))` after all. Errors as its sources do; completes when both have, and nothing lingers.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function shard<T extends string>(options: ShardOptions<T>): OperatorFunction<readonly T[], readonly T[]> {
  knownOptions('shard', options, ['members$', 'id', 'key', 'copies', 'linger', 'scheduler']);
  const members$ = withMethod('shard: members$', 'subscribe', options.members$);
  const id = bucketKey('shard: id', options.id);
  const key = callable('shard: key', options.key ?? ((topic: T) => topic));
  const copies = positiveInteger('shard: copies', options.copies ?? 1);
  const linger = durationOrZero('shard: linger', options.linger ?? 10_000);
  const scheduler = withMethod('shard: scheduler', 'schedule', options.scheduler ?? asyncScheduler);

  return (source) =>
    defer(() => {
      let own: ReadonlySet<T> = new Set();
      /** When those end that another member has now. The earliest is the first. */
      const lingering = new Map<T, number>();

      const assign = (topics: readonly T[], members: readonly string[]) => {
        const before = own;
        own = new Set(topics.filter((topic) => ownersOf(key(topic), members, copies).includes(id)));
        const all = new Set(topics);
        for (const topic of lingering.keys()) if (own.has(topic) || !all.has(topic)) lingering.delete(topic);
        for (const topic of before) {
          if (!own.has(topic) && all.has(topic)) lingering.set(topic, scheduler.now() + linger);
        }
      };

      const present = (topics: readonly T[]) => {
        for (const [topic, end] of lingering) if (end <= scheduler.now()) lingering.delete(topic);
        return topics.filter((topic) => own.has(topic) || lingering.has(topic));
      };

      const afterNextEnd = () => {
        const [end] = lingering.values();
        return end === undefined ? EMPTY : timer(end - scheduler.now(), scheduler);
      };

      return combineLatest([source, members$]).pipe(
        switchMap(([topics, members]) => {
          assign(topics, members);
          return of(present(topics)).pipe(expand(() => afterNextEnd().pipe(map(() => present(topics)))));
        }),
        distinctUntilChanged<readonly T[]>(isSame),
      );
    });
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((topic, i) => topic === other[i]);
}
