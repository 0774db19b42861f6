import { ownersOf } from '../../src/jetstream/sharing/owners-of.ts';
import { integerBetween, pick, type Random } from '../../src/simulator/random.ts';

/** Times are in seconds. */
export interface ChurnOptions {
  readonly topics: readonly string[];
  /** All who may be members. Half of them are at the start, and about so many stay. */
  readonly pool: readonly string[];
  readonly copies: number;
  /** How many members come, go or die. */
  readonly changes: number;
  /** From one change to the next. */
  readonly pause: () => number;
  /** From a death until the others know of it, at the longest. */
  readonly detection: number;
  /** From knowing that one has a topic until its events come. */
  readonly subscribing: number;
  readonly linger: number;
  readonly random: Random;
}

/** What came of it. */
export interface ChurnReport {
  readonly crashes: number;
  /** How often a topic was without a subscription, how many ever were, and how long: the longest time, and the sum of all. */
  readonly gaps: { readonly count: number; readonly topics: number; readonly longest: number; readonly sum: number };
  /** How many topics a change moved, as a multiple of the ideal: `copies` × topics ÷ members. */
  readonly moved: { readonly mean: number; readonly max: number };
  /** What the busiest member has, as a multiple of the mean. */
  readonly balance: { readonly mean: number; readonly max: number };
  readonly duration: number;
}

/** What happens to a member, or what the others see of it. */
interface Step {
  readonly at: number;
  readonly member: number;
  readonly kind: 'joins' | 'leaves' | 'dies' | 'is missed';
}

/** How many subscriptions of one topic there can be at a time: those of its owners, and those that linger. */
const SLOTS = 6;

/**
 * **Lets members come, go and die, and watches over each topic**: who is subscribed to it, and when nobody is.
 *
 * The rule is `ownersOf`, asked once for each topic, for the order of the whole pool: who goes leaves the order of the others as it was. In
 * flat arrays, because there are millions of moves.
 */
export class Churn {
  readonly #options: ChurnOptions;
  /** By topic, the pool from the first choice to the last; by member, its place in the order of each topic. */
  readonly #order: Uint8Array;
  readonly #ranks: readonly Uint8Array[];
  /** By topic, the members that have it, as the group sees it; and the place of the last of them. */
  readonly #owners: Uint8Array;
  readonly #lastRank: Uint8Array;
  /** By member, how many topics it has. */
  readonly #loads: Uint32Array;
  /** By topic and slot, a member's subscription: it is one from a time until another one. */
  readonly #holder: Uint8Array;
  readonly #from: Float64Array;
  readonly #until: Float64Array;
  /** By topic, up to where the times without a subscription are counted. */
  readonly #counted: Float64Array;
  /** By member, whether the group sees it, and whether it is dead. */
  readonly #isSeen: Uint8Array;
  readonly #isDead: Uint8Array;
  readonly #moved: number[] = [];
  readonly #balance: number[] = [];
  readonly #uncovered = new Set<number>();
  #gaps = { count: 0, longest: 0, sum: 0 };
  #crashes = 0;

  constructor(options: ChurnOptions) {
    this.#options = options;
    const { topics, pool, copies } = options;
    this.#order = new Uint8Array(topics.length * pool.length);
    this.#ranks = pool.map(() => new Uint8Array(topics.length));
    const numbers = new Map(pool.map((id, i) => [id, i]));
    topics.forEach((topic, t) =>
      ownersOf(topic, pool, pool.length).forEach((id, rank) => {
        const member = numbers.get(id)!;
        this.#order[t * pool.length + rank] = member;
        this.#ranks[member]![t] = rank;
      }),
    );
    this.#isSeen = new Uint8Array(pool.length).fill(1, 0, pool.length / 2);
    this.#isDead = new Uint8Array(pool.length);
    this.#owners = new Uint8Array(topics.length * copies);
    this.#lastRank = new Uint8Array(topics.length);
    this.#loads = new Uint32Array(pool.length);
    this.#loads[0] = this.#owners.length;
    this.#holder = new Uint8Array(topics.length * SLOTS);
    this.#from = new Float64Array(topics.length * SLOTS);
    this.#until = new Float64Array(topics.length * SLOTS).fill(-1);
    this.#counted = new Float64Array(topics.length);
    for (let topic = 0; topic < topics.length; topic += 1) {
      this.#choose(topic);
      for (let i = 0; i < copies; i += 1) this.#subscribe(topic, this.#owners[topic * copies + i]!, 0);
    }
  }

  run(): ChurnReport {
    const steps = this.#plan();
    for (const step of steps) this.#take(step);
    const { at: duration } = steps.at(-1)!;
    for (let topic = 0; topic < this.#options.topics.length; topic += 1) this.#count(topic, duration);
    return {
      crashes: this.#crashes,
      gaps: { ...this.#gaps, topics: this.#uncovered.size },
      moved: { mean: mean(this.#moved), max: Math.max(...this.#moved) },
      balance: { mean: mean(this.#balance), max: Math.max(...this.#balance) },
      duration,
    };
  }

  /** Who does what when. One that went or died stays away until all know. */
  #plan(): readonly Step[] {
    const { pool, changes, pause, detection, random } = this.#options;
    const alive = new Set([...pool.keys()].filter((member) => this.#isSeen[member] === 1));
    const awayUntil = pool.map(() => 0);
    const steps: Step[] = [];
    let at = 0;
    for (let change = 0; change < changes; change += 1) {
      at += pause();
      const away = awayUntil.flatMap((until, member) => (!alive.has(member) && until <= at ? [member] : []));
      const isJoin = away.length > 0 && random() > alive.size / pool.length;
      const member = pick(random, isJoin ? away : [...alive]);
      const kind = isJoin ? 'joins' : integerBetween(random, 0, 1) === 0 ? 'leaves' : 'dies';
      steps.push({ at, member, kind });
      if (isJoin) {
        alive.add(member);
        continue;
      }
      alive.delete(member);
      awayUntil[member] = at + detection;
      if (kind === 'dies') steps.push({ at: at + detection, member, kind: 'is missed' });
    }
    return steps.sort((one, other) => one.at - other.at);
  }

  #take({ at, member, kind }: Step): void {
    if (kind === 'dies') this.#die(member, at);
    else this.#see(member, kind === 'joins', at);
  }

  #die(member: number, at: number): void {
    this.#crashes += 1;
    this.#isDead[member] = 1;
    for (let slot = 0; slot < this.#holder.length; slot += 1) {
      if (this.#holder[slot] === member && this.#until[slot]! > at) this.#until[slot] = at;
    }
  }

  /** The group sees that a member is there, or is not: all who are concerned act on it. */
  #see(member: number, isThere: boolean, at: number): void {
    const { topics, copies } = this.#options;
    const before = this.#isSeen.reduce((sum, one) => sum + one, 0);
    this.#isSeen[member] = isThere ? 1 : 0;
    if (isThere) this.#isDead[member] = 0;
    const ranks = this.#ranks[member]!;
    const lastRank = this.#lastRank;
    let moved = 0;
    for (let topic = 0; topic < topics.length; topic += 1) {
      // It has, or had, the topic where it is not behind the last of those who have it.
      if (ranks[topic]! > lastRank[topic]!) continue;
      this.#reassign(topic, at);
      moved += 1;
    }
    const sharing = isThere ? before + 1 : before;
    this.#moved.push((moved * sharing) / (copies * topics.length));
    this.#weigh();
  }

  /** Makes the first ones of the topic's order that the group sees its owners. */
  #choose(topic: number): void {
    const { pool, copies } = this.#options;
    const first = topic * pool.length;
    let next = first;
    for (let i = topic * copies; i < (topic + 1) * copies; i += 1) {
      while (this.#isSeen[this.#order[next]!] === 0) next += 1;
      const member = this.#order[next]!;
      this.#loads[this.#owners[i]!]! -= 1;
      this.#loads[member]! += 1;
      this.#owners[i] = member;
      next += 1;
    }
    this.#lastRank[topic] = next - 1 - first;
  }

  #reassign(topic: number, at: number): void {
    const { copies, linger } = this.#options;
    this.#count(topic, at);
    this.#choose(topic);
    for (let slot = topic * SLOTS; slot < (topic + 1) * SLOTS; slot += 1) {
      if (this.#until[slot] === Infinity && !this.#owns(topic, this.#holder[slot]!)) this.#until[slot] = at + linger;
    }
    for (let i = topic * copies; i < (topic + 1) * copies; i += 1) this.#subscribe(topic, this.#owners[i]!, at);
  }

  #owns(topic: number, member: number): boolean {
    const { copies } = this.#options;
    for (let i = topic * copies; i < (topic + 1) * copies; i += 1) if (this.#owners[i] === member) return true;
    return false;
  }

  /** One that lingers goes on; a dead one does nothing, until the group knows. */
  #subscribe(topic: number, member: number, at: number): void {
    if (this.#isDead[member] === 1) return;
    let free = -1;
    for (let slot = topic * SLOTS; slot < (topic + 1) * SLOTS; slot += 1) {
      if (this.#until[slot]! <= at) free = slot;
      else if (this.#holder[slot] === member) {
        this.#until[slot] = Infinity;
        return;
      }
    }
    if (free < 0) throw new Error(`More than ${SLOTS} subscriptions of one topic.`);
    this.#holder[free] = member;
    this.#from[free] = at === 0 ? 0 : at + this.#options.subscribing;
    this.#until[free] = Infinity;
  }

  /** Adds up the times up to now when nobody was subscribed. One that goes on is counted when it is over. */
  #count(topic: number, now: number): void {
    let covered = this.#counted[topic]!;
    for (let slot = topic * SLOTS; slot < (topic + 1) * SLOTS; slot += 1) {
      if (this.#from[slot]! > covered || this.#until[slot]! < now) continue;
      this.#counted[topic] = now;
      return;
    }
    for (;;) {
      let next = now;
      let reached = covered;
      for (let slot = topic * SLOTS; slot < (topic + 1) * SLOTS; slot += 1) {
        const from = this.#from[slot]!;
        const until = this.#until[slot]!;
        if (until <= from || until <= covered) continue;
        if (from <= covered) reached = Math.max(reached, until);
        else next = Math.min(next, from);
      }
      if (reached >= now) {
        this.#counted[topic] = now;
        return;
      }
      if (reached === covered) {
        if (next === now) break;
        this.#gap(topic, next - covered);
        reached = next;
      }
      covered = reached;
    }
    this.#counted[topic] = covered;
  }

  #gap(topic: number, length: number): void {
    this.#gaps.count += 1;
    this.#gaps.sum += length;
    this.#gaps.longest = Math.max(this.#gaps.longest, length);
    this.#uncovered.add(topic);
  }

  #weigh(): void {
    const members = this.#isSeen.reduce((sum, one) => sum + one, 0);
    this.#balance.push((Math.max(...this.#loads) * members) / this.#owners.length);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
