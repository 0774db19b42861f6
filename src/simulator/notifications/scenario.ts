import {
  LONGEST_DELAY,
  checkCount,
  checkMembers,
  checkNumber,
  checkPositive,
  checkText,
  checkWord,
} from '../checks.ts';
import type { Clock, Timer } from '../clock.ts';

/** When something of a scenario happens. All times in milliseconds. */
export interface ScenarioTime {
  /** The first time, counted from the start of the platform. */
  readonly at: number;
  /** The time from one time to the next. @defaultValue it happens once */
  readonly every?: number;
  /** How often in all, with `every`. @defaultValue without end */
  readonly times?: number;
}

/** Something that happens to a channel. */
export interface ScenarioChannelEntry extends ScenarioTime {
  /**
   * - `socket-closing`: its socket gets the notice `v2.system.socket_closing`, and is closed when the time of the notice is up.
   * - `cut`: its connection breaks off; what is under way is lost.
   * - `mute`: its connection is half-open from then on: nothing comes, and nobody is told.
   * - `expire-channel`: it ends.
   */
  readonly do: 'socket-closing' | 'cut' | 'mute' | 'expire-channel';
  /** The ordinal of the channel, from 0, in the order in which channels were made. @defaultValue every channel that there is */
  readonly channel?: number;
}

/** The REST API answers 429 for so many seconds. */
export interface ScenarioThrottle extends ScenarioTime {
  readonly do: 'throttle';
  readonly seconds: number;
}

/** All tokens become invalid, and the channels made with them end. */
export interface ScenarioRevocation extends ScenarioTime {
  readonly do: 'revoke-tokens';
}

/** An event is published. */
export interface ScenarioEvent extends ScenarioTime {
  readonly do: 'publish';
  readonly topic: string;
  readonly eventBody: object;
}

/** One line of a scenario. Plain JSON. */
export type ScenarioEntry = ScenarioChannelEntry | ScenarioThrottle | ScenarioRevocation | ScenarioEvent;

/** The members that an entry has, besides those that say when. */
const MEMBERS: Readonly<Record<ScenarioEntry['do'], readonly string[]>> = {
  'socket-closing': ['channel'],
  cut: ['channel'],
  mute: ['channel'],
  'expire-channel': ['channel'],
  throttle: ['seconds'],
  'revoke-tokens': [],
  publish: ['topic', 'eventBody'],
};

/** Throws where an entry could not be carried out. */
export function checkScenarioEntry(where: string, entry: ScenarioEntry): void {
  checkMembers(where, entry, ['at', 'every', 'times', 'do', ...Object.values(MEMBERS).flat()]);
  checkWord(`${where}.do`, entry.do, Object.keys(MEMBERS));
  checkMembers(where, entry, ['at', 'every', 'times', 'do', ...MEMBERS[entry.do]]);
  checkTime(where, entry);
  if (entry.do === 'throttle') {
    checkPositive(`${where}.seconds`, 'a number of seconds above 0', entry.seconds, Number.MAX_SAFE_INTEGER);
  } else if (entry.do === 'publish') {
    checkText(`${where}.topic`, entry.topic);
    if (typeof (entry.eventBody as unknown) !== 'object') throw new TypeError(`${where}.eventBody must be an object`);
  } else if (entry.do !== 'revoke-tokens' && entry.channel !== undefined) {
    checkCount(`${where}.channel`, entry.channel);
  }
}

function checkTime(where: string, { at, every, times }: ScenarioTime): void {
  checkNumber(`${where}.at`, `an integer from 0 to ${LONGEST_DELAY}`, at, 0, LONGEST_DELAY, true);
  if (every !== undefined) {
    const allowed = `a number of milliseconds above 0 and at most ${LONGEST_DELAY}`;
    checkPositive(`${where}.every`, allowed, every, LONGEST_DELAY);
  }
  if (times === undefined) return;
  if (every === undefined) throw new TypeError(`${where}.times must stand beside every`);
  checkCount(`${where}.times`, times);
}

/**
 * **Has each entry of a scenario carried out at its times.** One timer for each entry that is not over.
 *
 * @returns a function that ends it and frees the timers
 */
export function playScenario(
  scenario: readonly ScenarioEntry[],
  clock: Clock,
  carryOut: (entry: ScenarioEntry) => void,
): () => void {
  const timers = new Map<number, Timer>();
  const start = clock.now();

  const wait = (entry: ScenarioEntry, index: number, nth: number): void => {
    const { at, every = 0, times = every > 0 ? Infinity : 1 } = entry;
    if (nth >= times) {
      timers.delete(index);
      return;
    }
    const act = (): void => {
      wait(entry, index, nth + 1);
      carryOut(entry);
    };
    timers.set(index, clock.schedule(act, Math.max(0, start + at + nth * every - clock.now())));
  };

  for (const [index, entry] of scenario.entries()) wait(entry, index, 0);
  return () => {
    for (const timer of timers.values()) timer.unsubscribe();
    timers.clear();
  };
}
