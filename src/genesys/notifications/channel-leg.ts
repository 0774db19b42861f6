import {
  asyncScheduler,
  defer,
  map,
  merge,
  Observable,
  retry,
  switchMap,
  tap,
  throwError,
  timer,
  type SchedulerLike,
  type Subject,
  type Subscription,
} from 'rxjs';
import { failureClass } from '../../../operators/failure-class.ts';
import { ApiError, AuthError, NetworkError, UpgradeError } from '../../../operators/errors.ts';
import type { Flow } from '../../../operators/flow.ts';
import type { RawFrame } from '../../../operators/frame.ts';
import { LONGEST_DELAY } from '../../../operators/options.ts';
import type { ConnectOptions } from '../../connection/connect-options.ts';
import { connect } from '../../connection/connect.ts';
import type { ChannelApi } from './channel-api.ts';
import type { ChannelPool } from './channel-pool.ts';
import { controlMessage } from './control-message.ts';
import { latestMap } from './latest-map.ts';
import type { OwnChannel } from './own-channel.ts';
import { subscribeTopics, type RefusedTopic } from './subscribe-topics.ts';

/** Why the next connection is made while the present one still delivers. */
export type HandoverReason = 'socket-closing' | 'expiry' | 'silence';

/** What a connection to a channel is made with. */
export interface ChannelLegOptions {
  readonly channels: ChannelApi;
  readonly pool: ChannelPool;
  /** The topics that it is to deliver, and each change of them. Emits when it is subscribed to. */
  readonly topics$: Observable<ReadonlySet<string>>;
  /** Emits where a sign of life is wanted at once. */
  readonly probe$: Subject<void>;
  readonly connection: Omit<ConnectOptions, 'url' | 'hidePath' | 'heartbeat' | 'outgoing$' | 'state'>;
  readonly state: NonNullable<ConnectOptions['state']>;
  readonly flow: Flow | undefined;
  readonly pingInterval: number;
  readonly silence: number;
  readonly renewBefore: number;
  readonly scheduler: SchedulerLike;
  /** It delivers these topics from now on. */
  readonly covered: (leg: object, topics: Iterable<string>) => void;
  /** It delivers these no more; what was sent before `lastSeen` it has delivered. */
  readonly lost: (leg: object, topics: Iterable<string>, lastSeen: number) => void;
  readonly refused: (topics: readonly RefusedTopic[]) => void;
  readonly handOver: (reason: HandoverReason) => void;
}

/** The longest pause before a change of topics is tried again, in milliseconds. */
const LONGEST_PAUSE = 30_000;

/** As the platform wants it: a ping that it answers with a message, in browsers too. */
const PING = JSON.stringify({ message: 'ping' });

/**
 * **One connection to one channel**: takes a channel, subscribes its topics, connects, and keeps the topics up to date. It says when
 * another connection had better be made, and goes on.
 *
 * It fails where the channel is gone, or the connection is lost; subscribed to again, it takes the same channel where that is still there.
 */
export function channelLeg(options: ChannelLegOptions): Observable<RawFrame> {
  return options.pool.take().pipe(switchMap((channel) => onChannel(channel, options)));
}

function onChannel(channel: OwnChannel, options: ChannelLegOptions): Observable<RawFrame> {
  const { scheduler, pool } = options;
  return new Observable((subscriber) => {
    const leg = {};
    const delivered = new Set<string>();
    let lastSeen: number | undefined;
    let isGone = false;
    let connection: Subscription | undefined;

    const cover = () => {
      for (const topic of channel.subscribed ?? []) delivered.add(topic);
      options.covered(leg, channel.subscribed ?? []);
    };
    const opened = () => {
      lastSeen = scheduler.now();
      cover();
      options.probe$.next();
      subscriber.add(watchSilence(() => lastSeen as number, options));
      subscriber.add(watchExpiry(channel, options));
    };
    const gone = () => {
      isGone = true;
      subscriber.error(new NetworkError('The notification channel is gone: it ended, was replaced, or its token did.'));
    };
    const frames$ = connect({
      ...options.connection,
      url: channel.connectUri,
      // Whoever has the address can listen.
      hidePath: true,
      // Left out by default, so that frames have their times from the platform's monotonic clock.
      ...(scheduler !== asyncScheduler && { scheduler }),
      ...(options.flow !== undefined && { flow: options.flow }),
      heartbeat: false,
      outgoing$: merge(timer(0, options.pingInterval, scheduler), options.probe$).pipe(map(() => PING)),
      state: {
        next: (state) => {
          options.state.next(state);
          if (state.status === 'open') opened();
        },
      },
    }).pipe(
      tap(({ rawData }) => {
        lastSeen = scheduler.now();
        const control = controlMessage(rawData);
        if (control === 'socket-closing') options.handOver('socket-closing');
        else if (control === 'channel-gone') gone();
      }),
    );
    const failed = (error: unknown) => {
      if (isOfTheChannel(error)) gone();
      else subscriber.error(error);
    };
    const connected = () =>
      frames$.subscribe({
        next: (frame) => subscriber.next(frame),
        error: failed,
        complete: () => subscriber.complete(),
      });

    subscriber.add(() => {
      if (lastSeen !== undefined) options.lost(leg, delivered, lastSeen);
      if (!isGone) pool.giveBack(channel);
    });
    let latest: ReadonlySet<string> = new Set();
    // The events of the other topics go on, where a change of topics fails for a time.
    const pause = (error: unknown, failures: number) => {
      const isPassing = ['transient', 'throttled'].includes(failureClass(error)) && lastSeen !== undefined;
      return isPassing ? timer(Math.min(1_000 * 2 ** failures, LONGEST_PAUSE), scheduler) : throwError(() => error);
    };
    const setTopics = () =>
      defer(() => subscribeTopics(options.channels, channel, latest, scheduler)).pipe(retry({ delay: pause }));
    subscriber.add(
      options.topics$
        .pipe(
          tap((topics) => (latest = topics)),
          latestMap(setTopics),
        )
        .subscribe({
          next: (refused) => {
            if (refused.length > 0) options.refused(refused);
            if (connection === undefined) {
              connection = connected();
              subscriber.add(connection);
            } else if (lastSeen !== undefined) cover();
          },
          error: failed,
        }),
    );
  });
}

/** Whether the platform does not know the channel any more, or not for this token. */
function isOfTheChannel(error: unknown): boolean {
  return (
    (error instanceof ApiError && error.status === 404) ||
    error instanceof AuthError ||
    (error instanceof UpgradeError && error.status < 500)
  );
}

/** Looks when the silence would be too long, and not at each message. */
function watchSilence(lastSeen: () => number, { scheduler, silence, flow, handOver }: ChannelLegOptions): Subscription {
  let held = flow?.releases;
  return scheduler.schedule(function look() {
    const quiet = scheduler.now() - lastSeen();
    // A socket that is not read says nothing, dead or alive.
    const wasHeld = flow !== undefined && (flow.held || flow.releases !== held);
    held = flow?.releases;
    if (quiet >= silence && !wasHeld) handOver('silence');
    this.schedule(undefined, quiet >= silence ? silence : silence - quiet);
  }, silence);
}

/** Its end may be put off meanwhile, each time that its topics are set. */
function watchExpiry(channel: OwnChannel, { scheduler, renewBefore, handOver }: ChannelLegOptions): Subscription {
  const wait = () => channel.end - renewBefore - scheduler.now();
  return scheduler.schedule(
    function look() {
      const left = wait();
      if (left <= 0) handOver('expiry');
      this.schedule(undefined, Math.min(left <= 0 ? renewBefore : left, LONGEST_DELAY));
    },
    Math.min(Math.max(wait(), 0), LONGEST_DELAY),
  );
}
