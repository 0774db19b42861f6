import type { Observable } from 'rxjs';
import { notifications, type NotificationsOptions } from '../../src/genesys/notifications/notifications.ts';
import type { Topic } from '../../src/genesys/notifications/topics.ts';
import type { SimulatedPlatform, SimulatePlatformOptions } from '../../src/simulator/index.ts';
import { drivenClient } from './driven-client.ts';
import { EventLedger, type Account, type SentEvent } from './event-ledger.ts';

/** A simulated platform, a client on it, and what is known of both. */
export interface AccountedRun {
  readonly platform: SimulatedPlatform;
  now(): number;
  /** How many timers the client has. */
  clientTimers(): number;
  /** Lets so many milliseconds pass. */
  pass(milliseconds: number): Promise<void>;
  /** Unsubscribes, lets what is under way end, and draws the account. */
  close(): Promise<Account & { readonly error: unknown }>;
}

/** What an {@link accountedRun} is made with. */
export interface AccountedRunOptions {
  readonly platform: Omit<SimulatePlatformOptions, 'scheduler' | 'onEvent'>;
  readonly client?: Partial<Omit<NotificationsOptions, 'api' | 'topics' | 'notices'>>;
  /** @defaultValue all that the activity publishes about agents and queues */
  readonly topics?: readonly string[] | Observable<readonly string[]>;
  /** Of the events from 5 s on, those that have to come out. @defaultValue those of `topics` */
  readonly mustCome?: (event: SentEvent) => boolean;
}

/** Until all topics are subscribed, in milliseconds. */
const STARTING = 5_000;
/** For how long before the end events may still be under way, in milliseconds. */
const UNDER_WAY = 3_000;

/** **Runs `notifications` against the simulated platform in driven time, and keeps an account of every event.** */
export function accountedRun({ platform: settings, client = {}, topics, mustCome }: AccountedRunOptions): AccountedRun {
  const ledger = new EventLedger();
  const { platform, api, scheduler, now, timers, pass } = drivenClient({
    ...settings,
    onEvent: (event) => ledger.published(event),
  });
  const wanted = topics ?? platform.topics();
  const all = new Set<string>(Array.isArray(wanted) ? (wanted as string[]) : []);
  let error: unknown;
  const subscription = notifications({
    connection: { socket: platform.socket },
    ...client,
    api,
    topics: wanted as readonly Topic[] | Observable<readonly Topic[]>,
    notices: { next: (notice) => ledger.notices.push(notice) },
    scheduler,
  }).subscribe({ next: (outcome) => ledger.cameOut(outcome), error: (cause: unknown) => (error = cause) });

  return {
    platform,
    now,
    clientTimers: timers,
    pass,
    async close() {
      const end = now() - UNDER_WAY;
      subscription.unsubscribe();
      platform.stop();
      await pass(60_000);
      const must = mustCome ?? (({ topicName }: SentEvent) => all.has(topicName));
      const account = ledger.account(
        (event) => event.publishedAt >= STARTING && event.publishedAt <= end && must(event),
      );
      return { ...account, error };
    },
  };
}
