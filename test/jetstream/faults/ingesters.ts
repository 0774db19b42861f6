import { setTimeout as delay } from 'node:timers/promises';
import { integerBetween, type Random } from '../../../src/simulator/random.ts';
import type { EventFeed } from './event-feed.ts';
import type { IngesterMeasured, IngesterTold } from './ingester-told.ts';
import { Program, type RunningProgram } from './program.ts';

type Ingester = RunningProgram<IngesterTold>;

/** How ingesters are run. */
export interface IngestersSettings {
  readonly server: string;
  readonly feed: EventFeed;
  readonly stream: string;
  readonly highWaterMark: number;
  /** In milliseconds. */
  readonly holdBack: number;
}

/** **Two ingesters of the same events**, of which one at a time is killed, and started again. */
export class Ingesters {
  readonly #program: Program<IngesterTold>;
  readonly #env: Readonly<Record<string, string>>;
  readonly #feed: EventFeed;
  #both: [Ingester, Ingester];
  /** The place of the one that holds back. */
  #newcomer: number | undefined;
  kills = 0;
  /** How far the one that was spared was behind when another one started, at most, in milliseconds. */
  longestBehind = 0;

  private constructor(
    program: Program<IngesterTold>,
    env: Readonly<Record<string, string>>,
    feed: EventFeed,
    both: [Ingester, Ingester],
  ) {
    this.#program = program;
    this.#env = env;
    this.#feed = feed;
    this.#both = both;
  }

  static async start({ server, feed, stream, highWaterMark, holdBack }: IngestersSettings): Promise<Ingesters> {
    const program = await Program.of<IngesterTold>('ingester-main.ts');
    const env = {
      SERVER: server,
      FEED: feed.url,
      STREAM: stream,
      HIGH_WATER_MARK: String(highWaterMark),
      HOLD_BACK: String(holdBack),
    };
    const both: [Ingester, Ingester] = [program.run(env), program.run(env)];
    await Promise.all(both.map(isOpen));
    return new Ingesters(program, env, feed, both);
  }

  /**
   * Kills one, starts another one in its place, and resolves once the one that was spared may be killed, too: the new one is connected, and
   * what came before it is stored. While the new one holds back, and makes up for it, it is the only one to be killed: else its successor
   * would start behind a backlog that is as long as what it holds back.
   */
  async killOne(random: Random): Promise<void> {
    const place = this.#newcomer ?? integerBetween(random, 0, 1);
    this.#newcomer = place;
    await this.#both[place]!.kill();
    this.kills += 1;
    await delay(integerBetween(random, 0, 200));
    const started = this.#program.run(this.#env);
    this.#both[place] = started;
    await isOpen(started);
    void isPublishing(started)
      .then(() => this.#settled(started))
      .then(() => (this.#newcomer = undefined));
    this.longestBehind = Math.max(this.longestBehind, await this.#settled(this.#both[1 - place]!));
  }

  /** Resolves once both of them hold back no longer, and have stored all that there is. */
  async settled(): Promise<void> {
    await Promise.all(this.#both.map(isPublishing));
    await this.#settled(...this.#both);
  }

  /** What one of them holds. */
  async measured(): Promise<IngesterMeasured> {
    const [{ told }, before] = [this.#both[0], this.#measured];
    this.#both[0].say('measure');
    await told.find(() => this.#measured.length > before.length);
    return this.#measured.at(-1)!;
  }

  get #measured(): readonly IngesterMeasured[] {
    return this.#both[0].told.items.filter((told) => told.type === 'measured');
  }

  end(): void {
    this.#program.end();
  }

  /** @returns how long it took, in milliseconds */
  async #settled(...ingesters: readonly Ingester[]): Promise<number> {
    const mark = this.#feed.mark();
    const markedAt = performance.now();
    const isSettled = (told: IngesterTold) => told.type === 'settled' && told.mark === mark;
    await Promise.all(ingesters.map(({ told }) => told.find(isSettled)));
    return performance.now() - markedAt;
  }
}

async function isPublishing(ingester: Ingester): Promise<void> {
  await ingester.told.find(({ type }) => type === 'publishing');
}

async function isOpen(ingester: Ingester): Promise<void> {
  await ingester.told.find(({ type }) => type === 'open');
}
