import {
  asyncScheduler,
  auditTime,
  connect,
  defer,
  EMPTY,
  isObservable,
  map,
  merge,
  Observable,
  of,
  skip,
  take,
  type NextObserver,
  type ObservableInput,
  type SchedulerLike,
} from 'rxjs';
import type { ConnectionState } from '../../../operators/connection-state.ts';
import type { Flow } from '../../../operators/flow.ts';
import type { RawFrame, RejectedFrame } from '../../../operators/frame.ts';
import type { HandoverState } from '../../../operators/handover.ts';
import {
  callable,
  duration,
  durationOrZero,
  flag,
  knownOptions,
  oneOf,
  optionError,
  optionsObject,
  withMethod,
} from '../../../operators/options.ts';
import type { ReconnectOptions } from '../../../operators/reconnect.ts';
import { reporter } from '../../../operators/reporter.ts';
import type { ConnectOptions } from '../../connection/connect-options.ts';
import type { PlatformApi } from '../platform-api.ts';
import { channelApi } from './channel-api.ts';
import type { HandoverReason } from './channel-leg.ts';
import { ChannelPlan } from './channel-plan.ts';
import { ChannelPool } from './channel-pool.ts';
import { ChannelSlots } from './channel-slots.ts';
import { Coverage, type Gap } from './coverage.ts';
import type { RefusedTopic } from './subscribe-topics.ts';
import { checkedTopic, type Topic } from './topics.ts';

/** What {@link notifications} has to say besides the frames. */
export type NotificationNotice =
  /** The platform did not take a topic. The others go on. */
  | ({ readonly type: 'refused' } & RefusedTopic)
  /** A change of topics failed. What was subscribed goes on, and the change is tried again. */
  | { readonly type: 'topics-failed'; readonly cause: unknown }
  /** The next connection is made, and why; and what became of it. */
  | ({ readonly type: 'handover'; readonly reason: HandoverReason } & HandoverState)
  /** Events of these topics that were sent in this time may be missing. */
  | ({ readonly type: 'gap' } & Gap)
  /** What `refetch` gave failed. */
  | { readonly type: 'refetch-failed'; readonly gap: Gap; readonly cause: unknown };

/** Options of {@link notifications}. */
export interface NotificationsOptions {
  /** The REST client, made by `platformApi`: all that share one share its rate limit. */
  readonly api: PlatformApi;
  /** The topics that are wanted: a list, or an Observable that gives the whole list each time that it changes. */
  readonly topics: readonly Topic[] | Observable<readonly Topic[]>;
  /** Where refused topics, handovers and gaps are told. @defaultValue nowhere */
  readonly notices?: NextObserver<NotificationNotice>;
  /** Called for each gap: the frames that it gives, such as by reading them by REST, are merged in. @defaultValue nothing */
  readonly refetch?: (gap: Gap) => ObservableInput<RawFrame>;
  /** For how long nothing at all may come, in milliseconds: then the connection is taken for dead. @defaultValue 45,000 */
  readonly silence?: number;
  /** How often the service is asked for a sign of life, in milliseconds. @defaultValue 15,000 */
  readonly pingInterval?: number;
  /** For how long two connections deliver during a handover, in milliseconds. @defaultValue 5,000 */
  readonly overlap?: number;
  /** For how long what only the next connection has brought waits for the present one, in milliseconds, so that the order is kept. @defaultValue 1,000, at most half of `overlap` */
  readonly hold?: number;
  /**
   * How long before its end, or its token's, a channel is replaced, in milliseconds. Not longer than 60,000 with `clientCredentials`, which gives
   * the old token until then. @defaultValue 45,000
   */
  readonly renewBefore?: number;
  /** Changes of the topics within this time become one call, in milliseconds. @defaultValue 100 */
  readonly coalesce?: number;
  /** What the bounds of a gap are widened by, in milliseconds: how far the clocks, and the delivery, may be off. @defaultValue 2,000 */
  readonly gapMargin?: number;
  /**
   * Where there are 20 channels of this OAuth client, another one would end the one that was used longest ago. `'error'`: a
   * `ChannelLimitError` instead. @defaultValue `'error'`
   */
  readonly atLimit?: 'error' | 'replace';
  /** Take channels that are there already, made with the same token, and set their topics. Only where nothing else uses them, in this program either. @defaultValue false */
  readonly reuse?: boolean;
  /** Where the states of all connections are reported. @defaultValue nowhere */
  readonly state?: NextObserver<ConnectionState>;
  /** By which a slow consumer pauses the sockets. @defaultValue none */
  readonly flow?: Flow;
  /** More options of the parts; see each. */
  readonly connection?: Omit<
    ConnectOptions,
    'url' | 'hidePath' | 'heartbeat' | 'outgoing$' | 'state' | 'flow' | 'token' | 'scheduler'
  >;
  readonly reconnect?: Omit<ReconnectOptions, 'state' | 'onComplete' | 'scheduler'>;
  /** @defaultValue `asyncScheduler` */
  readonly scheduler?: SchedulerLike;
}

const OPTIONS = [
  'api',
  'topics',
  'notices',
  'refetch',
  'silence',
  'pingInterval',
  'overlap',
  'hold',
  'renewBefore',
  'coalesce',
  'gapMargin',
  'atLimit',
  'reuse',
  'state',
  'flow',
  'connection',
  'reconnect',
  'scheduler',
];

/**
 * **The events of Genesys Cloud's notification service as frames**: makes channels, subscribes the topics, connects, and keeps all that
 * up. Each subscription has channels of its own; `share()` it to have them once.
 *
 *     channel 1   --a--b--c--d-----              ends soon
 *     channel 2             --c--d--e--
 *     out         --a--b--c--d-xx-e--            x: rejected, reason 'duplicate'
 *
 * Topics are joined where they can be, and spread over as many channels as they need, of 1,000 subscriptions each. A refused topic
 * is a notice, and leaves the others alone. Before a channel or its token ends, when the service says that it will close, and when
 * nothing comes for `silence`, the next connection is made before the present one is let go. After a cut it connects
 * anew, and tells the gap: its topics, and from when to when events may be missing.
 *
 * The frames are the service's messages, heartbeats included: `decode(notificationTypes)` tells them apart. The order within a topic is kept.
 *
 * ```ts
 * const api = platformApi({ apiUrl: apiUrl('eu-central-1'), token: clientCredentials({ … }) });
 * notifications({ api, topics: [topics.user(id).presence()] }).pipe(decode(notificationTypes), validate(), accepted());
 * ```
 *
 * It fails as `reconnect` does, and with `ApiError` where the platform refuses a channel.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function notifications(options: NotificationsOptions): Observable<RawFrame | RejectedFrame> {
  const checked = checkOptions(options);
  const { scheduler, clock, gapMargin, report } = checked;

  const channels = channelApi(options.api);
  // For all subscriptions, so that one takes the channels that another has left.
  const pool = new ChannelPool({ ...checked, channels, clock: scheduler, shortestLife: 2 * checked.renewBefore });

  return new Observable((subscriber) => {
    const coverage = new Coverage();
    const plan = new ChannelPlan();
    let wanted: ReadonlySet<string> = new Set();

    const refetch = (gap: Gap) => {
      const failed = (cause: unknown) => report({ type: 'refetch-failed', gap, cause });
      const frames$ = defer(() => checked.refetch(gap));
      subscriber.add(frames$.subscribe({ next: (frame) => subscriber.next(frame), error: failed }));
    };
    const sinceEpoch = (time: number) => Math.round(scheduler.now() - (clock.now() - time));
    const tell = (gaps: readonly Gap[]) => {
      if (subscriber.closed) return;
      for (const { from: first, to: last, topics } of gaps) {
        const gap = { from: sinceEpoch(first) - gapMargin, to: sinceEpoch(last) + gapMargin, topics };
        report({ type: 'gap', ...gap });
        refetch(gap);
      }
    };

    const slots = new ChannelSlots({
      ...checked,
      coverage,
      channels,
      pool,
      next: (outcome) => subscriber.next(outcome),
      error: (error) => subscriber.error(error),
      covered: (leg, topics) => {
        // An answer may tell of topics that nobody wants any more.
        const still = [...topics].filter((topic) => wanted.has(topic));
        tell(coverage.covered(leg, still, clock.now()));
      },
      lost: (leg, topics, lastSeen) => tell(coverage.lost(leg, topics, lastSeen)),
      refused: (topics) => {
        for (const topic of topics) report({ type: 'refused', ...topic });
      },
      failed: (cause) => report({ type: 'topics-failed', cause }),
      handedOver: (reason, state) => report({ type: 'handover', reason, ...state }),
    });
    subscriber.add(() => slots.close());

    const want = (topics: ReadonlySet<string>) => {
      coverage.forget([...wanted].filter((topic) => !topics.has(topic)));
      wanted = topics;
      slots.follow(plan.want(topics));
    };
    subscriber.add(checked.topics$.subscribe({ next: want, error: (error: unknown) => subscriber.error(error) }));
  });
}

/** Fills the defaults in, and throws where an option is not allowed. */
function checkOptions(options: NotificationsOptions) {
  knownOptions('notifications', options, OPTIONS);
  const at = (name: keyof NotificationsOptions) => `notifications: ${name}`;
  const scheduler = withMethod(at('scheduler'), 'schedule', options.scheduler ?? asyncScheduler);
  const state$ = reporter(at('state'), options.state);
  const overlap = duration(at('overlap'), options.overlap ?? 5_000);
  const hold = durationOrZero(at('hold'), options.hold ?? Math.min(1_000, overlap / 2));
  if (hold >= overlap) throw optionError(at('hold'), `below overlap (${overlap})`, hold);
  return {
    api: withMethod(at('api'), 'call', options.api),
    topics$: topicSets(options.topics, duration(at('coalesce'), options.coalesce ?? 100), scheduler),
    report: reporter(at('notices'), options.notices),
    refetch: callable(at('refetch'), options.refetch ?? (() => EMPTY)),
    silence: duration(at('silence'), options.silence ?? 45_000),
    pingInterval: duration(at('pingInterval'), options.pingInterval ?? 15_000),
    overlap,
    hold,
    renewBefore: duration(at('renewBefore'), options.renewBefore ?? 45_000),
    gapMargin: durationOrZero(at('gapMargin'), options.gapMargin ?? 2_000),
    atLimit: oneOf(at('atLimit'), ['error', 'replace'], options.atLimit ?? ('error' as const)),
    reuse: flag(at('reuse'), options.reuse ?? false),
    state: { next: state$ },
    flow: options.flow === undefined ? undefined : withMethod(at('flow'), 'attach', options.flow),
    connection: optionsObject(at('connection'), options.connection ?? {}),
    reconnect: { ...optionsObject(at('reconnect'), options.reconnect ?? {}), state: { next: state$ } },
    scheduler,
    clock: options.scheduler === undefined ? performance : scheduler,
  };
}

/** Each whole set of topics that is wanted: the first at once, the following as they have settled. */
function topicSets(
  topics: NotificationsOptions['topics'],
  coalesce: number,
  scheduler: SchedulerLike,
): Observable<ReadonlySet<string>> {
  if (!isObservable(topics)) return of(topicSet(topics));
  return topics.pipe(
    connect((lists$) => merge(lists$.pipe(take(1)), lists$.pipe(skip(1), auditTime(coalesce, scheduler)))),
    map(topicSet),
  );
}

function topicSet(topics: readonly string[]): ReadonlySet<string> {
  if (!Array.isArray(topics)) {
    throw optionError('notifications: topics', 'an array of topics, or an Observable of arrays', topics, true);
  }
  return new Set(topics.map((topic: string, index) => checkedTopic(`notifications: topics[${index}]`, topic)));
}
