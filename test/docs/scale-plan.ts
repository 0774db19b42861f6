/** What a plan is made of: the figures and the assumptions of docs/scale.md, by their names there. */
export type Given = Readonly<Record<string, number>>;

/** One line of the plan, as it stands in the page. */
export type Line = readonly [what: string, value: string];

/** What the platform allows. */
const TOPICS_PER_CHANNEL = 1_000;
const CHANNELS_PER_CLIENT = 20;
/** `members` with its default, in seconds. */
const TTL = 10;

/** **What so many agents need**, by the formulas of docs/scale.md. */
export function plan(agents: number, given: Given): readonly Line[] {
  const value = (name: string): number => {
    const found = given[name];
    if (found === undefined) throw new Error(`docs/scale.md has no ${name}`);
    return found;
  };
  const coresFor = (microseconds: number) => (peak * microseconds) / 1e6 / value('load');

  const mean = (agents * value('events')) / 3_600;
  const peak = mean * value('peak');
  const channels = Math.ceil(agents / TOPICS_PER_CHANNEL) * value('copies');
  const clients = Math.max(value('copies'), Math.ceil(channels / CHANNELS_PER_CLIENT / value('fill')) + 1);
  const ingesters = Math.max(clients, Math.ceil(value('copies') * coresFor(value('receive') + value('publish'))));
  const consumers = Math.max(2, Math.ceil(coresFor(value('consume') + value('work'))));
  const duplicates = (value('copies') - 1) * value('store1');
  const engine = Math.max(
    value('replicas'),
    Math.ceil(coresFor(value('store3') + duplicates + value('groups') * value('deliver'))),
  );
  const stored = value('payload') + value('envelope');
  const day = mean * 3_600 * value('hours') * stored * value('replicas');
  const hops = value('copies') + value('replicas') - 1 + value('groups');

  return [
    ['events a second, mean', rounded(mean)],
    ['events a second, peak', rounded(peak)],
    ['channels', whole(channels)],
    ['OAuth clients', whole(clients)],
    ['ingesters', whole(ingesters)],
    ['cores of the engine', whole(engine)],
    ['consumers of a group', whole(consumers)],
    ['partitions, at least', whole(Math.max(8, 2 ** Math.ceil(Math.log2(consumers))))],
    ['cores, all together', whole(ingesters + engine + value('groups') * consumers)],
    ['network of the engine, MB/s', rounded((peak * stored * hops) / 1e6)],
    ['stored a day, GB', rounded(day / 1e9)],
    ['kept, TB', rounded((day * value('days')) / 1e12)],
    ['ids in memory, MB', rounded((peak * value('window') * value('id')) / 1e6)],
    ['messages of `members` a second', rounded((3 * ingesters ** 2) / TTL)],
  ];
}

function rounded(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 2 });
}

function whole(value: number): string {
  return value.toLocaleString('en');
}
