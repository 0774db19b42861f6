import { LONGEST_DELAY, checkCallback, checkList, checkMembers, checkNumber, checkPositive } from '../checks.ts';
import { checkContactCentre, type ContactCentreOptions } from './contact-centre.ts';
import type { EventDelivery, PublishedEvent } from './published-event.ts';
import { checkScenarioEntry, type ScenarioEntry } from './scenario.ts';
import { checkDeniedTopics, type DeniedTopics } from './topic-judge.ts';

/** Options of the simulated notification service. Times in milliseconds. */
export interface NotificationOptions {
  /** What happens in the contact centre. @defaultValue nothing: events come from `publish` alone */
  readonly activity?: ContactCentreOptions;
  /** What goes wrong, and when. @defaultValue nothing */
  readonly scenario?: readonly ScenarioEntry[];
  /** The topics that may not be subscribed to. @defaultValue none */
  readonly denied?: readonly DeniedTopics[];
  /** How many channels an application may have; one more replaces one. @defaultValue 20 */
  readonly channelLimit?: number;
  /** How many topics a channel may have, a joined one counting as one. @defaultValue 1000 */
  readonly topicLimit?: number;
  /** How many REST calls a token may make in a minute. @defaultValue 300 */
  readonly requestsPerMinute?: number;
  /** How long a channel lives unless it is subscribed to again. @defaultValue 86,400,000: 24 h */
  readonly channelLifetime?: number;
  /** The time between two heartbeats on a socket. @defaultValue 30,000 */
  readonly heartbeatInterval?: number;
  /** The time from `v2.system.socket_closing` to the close. @defaultValue 60,000 */
  readonly closingNotice?: number;
  /** Called for each event published. @defaultValue nothing is called */
  readonly onEvent?: (event: PublishedEvent) => void;
  /** Called once for each event and each channel subscribed to its topic. @defaultValue nothing is called */
  readonly onDelivery?: (delivery: EventDelivery) => void;
}

type Unset = 'activity' | 'onEvent' | 'onDelivery';

/** The options with their defaults filled in. */
export type ResolvedNotificationOptions = Required<Omit<NotificationOptions, Unset>> & Pick<NotificationOptions, Unset>;

const DEFAULTS: ResolvedNotificationOptions = {
  scenario: [],
  denied: [],
  channelLimit: 20,
  topicLimit: 1000,
  requestsPerMinute: 300,
  channelLifetime: 24 * 60 * 60 * 1000,
  heartbeatInterval: 30_000,
  closingNotice: 60_000,
};

/** The names of {@link NotificationOptions}. */
export const NOTIFICATION_OPTION_NAMES: readonly string[] = [
  ...Object.keys(DEFAULTS),
  'activity',
  'onEvent',
  'onDelivery',
];

/** **Fills in the defaults, and throws where an option is not usable**; `at` names an option in the error. */
export function resolveNotificationOptions(
  at: (name: string) => string,
  options: NotificationOptions,
): ResolvedNotificationOptions {
  const set = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved: ResolvedNotificationOptions = { ...DEFAULTS, ...(set as NotificationOptions) };
  for (const name of ['channelLimit', 'topicLimit', 'requestsPerMinute'] as const) {
    checkNumber(at(name), 'a positive integer', resolved[name], 1, Number.MAX_SAFE_INTEGER, true);
  }
  for (const name of ['channelLifetime', 'heartbeatInterval', 'closingNotice'] as const) {
    const allowed = `a number of milliseconds above 0 and at most ${LONGEST_DELAY}`;
    checkPositive(at(name), allowed, resolved[name], LONGEST_DELAY);
  }
  if (resolved.activity !== undefined) checkContactCentre(at('activity'), resolved.activity);
  checkCallback(at('onEvent'), resolved.onEvent);
  checkCallback(at('onDelivery'), resolved.onDelivery);
  return {
    ...resolved,
    scenario: checkList(at('scenario'), resolved.scenario, checkScenarioEntry),
    denied: checkList(at('denied'), resolved.denied, checkDeniedTopics),
  };
}

/** {@link resolveNotificationOptions} for options that are a member of others. */
export function resolveNotifications(where: string, options: NotificationOptions): ResolvedNotificationOptions {
  checkMembers(where, options, NOTIFICATION_OPTION_NAMES);
  return resolveNotificationOptions((name) => `${where}.${name}`, options);
}
