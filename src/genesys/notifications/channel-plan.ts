import { CHANNEL_CAPACITY } from './channel-capacity.ts';
import { joinedBy, joinTopics } from './join-topics.ts';

/** One channel of a {@link ChannelPlan}: which topics are subscribed on it. */
export class PlannedChannel {
  readonly #groups = new Map<string, Set<string>>();
  #weight = 0;

  /** How many subscriptions its topics are: those that can be joined count as one. */
  get weight(): number {
    return this.#weight;
  }

  get topics(): ReadonlySet<string> {
    return new Set([...this.#groups.values()].flatMap((group) => [...group]));
  }

  /** How many subscriptions one more topic costs. */
  costOf(topic: string): number {
    const group = this.#groups.get(joinedBy(topic)) ?? [];
    return joinTopics([...group, topic]).length - joinTopics(group).length;
  }

  holdsNeighbourOf(topic: string): boolean {
    return this.#groups.has(joinedBy(topic));
  }

  add(topic: string): void {
    const prefix = joinedBy(topic);
    this.#weight += this.costOf(topic);
    const group = this.#groups.get(prefix);
    if (group === undefined) this.#groups.set(prefix, new Set([topic]));
    else group.add(topic);
  }

  delete(topic: string): void {
    const prefix = joinedBy(topic);
    const group = this.#groups.get(prefix);
    if (group?.delete(topic) !== true) return;
    if (group.size === 0) this.#groups.delete(prefix);
    this.#weight -= this.costOf(topic);
  }
}

/** A channel is given up where the others would be filled to this share at most. */
const ROOM_TO_GROW = 0.75;

/**
 * **Spreads topics over channels**: as few as hold them, filled alike. A topic stays where it is; one that can be joined with
 * others goes to them. Knows neither the network nor time.
 */
export class ChannelPlan {
  readonly #channels: PlannedChannel[] = [];

  /** Takes these topics instead of those before, and gives the channels that they are on now. */
  want(topics: ReadonlySet<string>): readonly PlannedChannel[] {
    for (const channel of this.#channels) {
      for (const topic of channel.topics) if (!topics.has(topic)) channel.delete(topic);
    }
    const planned = new Set(this.#channels.flatMap((channel) => [...channel.topics]));
    const missing = [...topics].filter((topic) => !planned.has(topic));
    this.#makeRoomFor(joinTopics(topics).length);
    for (const topic of missing) this.#place(topic);
    this.#giveUpSuperfluous();
    return [...this.#channels];
  }

  #makeRoomFor(weight: number): void {
    while (this.#channels.length * CHANNEL_CAPACITY < weight) this.#channels.push(new PlannedChannel());
  }

  #place(topic: string): void {
    const hasRoom = (channel: PlannedChannel) => channel.weight + channel.costOf(topic) <= CHANNEL_CAPACITY;
    const open = this.#channels.filter(hasRoom);
    const neighbour = open.find((channel) => channel.holdsNeighbourOf(topic));
    const channel = neighbour ?? open.reduce<PlannedChannel | undefined>(lighter, undefined) ?? new PlannedChannel();
    if (!this.#channels.includes(channel)) this.#channels.push(channel);
    channel.add(topic);
  }

  /** As long as one has little enough that it goes into the others. */
  #giveUpSuperfluous(): void {
    for (;;) {
      const lightest = this.#channels.reduce<PlannedChannel | undefined>(lighter, undefined);
      const weight = this.#channels.reduce((sum, channel) => sum + channel.weight, 0);
      const room = (this.#channels.length - 1) * CHANNEL_CAPACITY * ROOM_TO_GROW;
      if (lightest === undefined || weight > room) return;
      this.#channels.splice(this.#channels.indexOf(lightest), 1);
      for (const topic of lightest.topics) this.#place(topic);
    }
  }
}

function lighter(least: PlannedChannel | undefined, channel: PlannedChannel): PlannedChannel {
  return least === undefined || channel.weight < least.weight ? channel : least;
}
