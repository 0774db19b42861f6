import {
  asyncScheduler,
  catchError,
  defer,
  map,
  Observable,
  of,
  retry,
  switchMap,
  tap,
  throwError,
  timer,
  type SchedulerLike,
  type Subject,
  type Subscription,
  type TimestampProvider,
} from 'rxjs';
import { ApiError, NetworkError, TimeoutError } from '../../../operators/errors.ts';
import type { Flow } from '../../../operators/flow.ts';
import type { RawFrame } from '../../../operators/frame.ts';
import { LONGEST_DELAY } from '../../../operators/options.ts';
import type { ConnectOptions } from '../../connection/connect-options.ts';
import { connect } from '../../connection/connect.ts';
import type { ChannelApi } from './channel-api.ts';
import type { ChannelPool } from './channel-pool.ts';
import { controlMessage, PING } from './control-message.ts';
import { latestMap } from './latest-map.ts';
import type { OwnChannel } from './own-channel.ts';
import { repeating } from '../repeating.ts';
import { subscribeTopics, type RefusedTopic } from './subscribe-topics.ts';

/** Why the next connection is made while the present one still delivers. */
export type HandoverReason = 'socket-closing' | 'expiry' | 'silence';

/** What a connection to a channel is made with. */
export interface ChannelLegOptions {
  readonly channels: ChannelApi;
  readonly pool: ChannelPool;
  /** The topics that it is to deliver, and each change of them. Emits when it is subscribed to. */
  readonly topics$: Observable<ReadonlySet<string>>;
  /** Each connection emits here when it delivers something new, and then all give a sign of life. */
  readonly probe$: Subject<void>;
  readonly connection: Omit<ConnectOptions, 'url' | 'hidePath' | 'heartbeat' | 'outgoing$' | 'state'>;
  readonly state: NonNullable<ConnectOptions['state']>;
  readonly flow: Flow | undefined;
  readonly pingInterval: number;
  readonly silence: number;
  readonly renewBefore: number;
  readonly scheduler: SchedulerLike;
  /** Monotonic, so that nothing depends on somebody setting the time. */
  readonly clock: TimestampProvider;
  /** It delivers these topics from now on. */
  readonly covered: (leg: object, topics: Iterable<string>) => void;
  /** It delivers these no more; what was sent until then it has delivered for sure. */
  readonly lost: (leg: object, topics: Iterable<string>, sureUntil: number) => void;
  readonly refused: (topics: readonly RefusedTopic[]) => void;
  /** A change of its topics failed, and is tried again. */
  readonly failed: (cause: unknown) => void;
  readonly handOver: (leg: object, reason: HandoverReason) => void;
}

/** The longest pause before a change of topics is tried again, in milliseconds. */
const LONGEST_PAUSE = 30_000;

/**
 * **One connection to one channel**: takes a channel, subscribes its topics, connects, and keeps the topics up to date. It says when
 * another connection had better be made, and goes on.
 *
 * It fails where the channel is gone, or the connection is lost or dead; subscribed to again, it takes the same channel where that is
 * still there.
 */
export function channelLeg(options: ChannelLegOptions): Observable<RawFrame> {
  return options.pool.take().pipe(switchMap((channel) => onChannel(channel, options)));
}

function onChannel(channel: OwnChannel, options: ChannelLegOptions): Observable<RawFrame> {
  const { scheduler, pool, channels, probe$ } = options;
  return new Observable((subscriber) => {
    const leg = {};
    const life = new LegLife(options.clock);
    let covered: ReadonlySet<string> = new Set();
    let isGone = false;

    const cover = () => {
      covered = channel.topics;
      options.covered(leg, covered);
      probe$.next();
    };
    const opened = () => {
      life.begin();
      cover();
      subscriber.add(watchSilence(leg, life, options, (dead) => subscriber.error(dead)));
      subscriber.add(watchExpiry(leg, channel, options));
    };
    const gone = () => {
      isGone = true;
      return new NetworkError('The notification channel is gone: it ended, was replaced, or its token did.');
    };
    /** A channel that can't be connected to may be gone. Not all platforms tell. */
    const judge = (error: unknown) => {
      if (life.isOpen) return throwError(() => error);
      return channels.exists(channel.id).pipe(
        catchError(() => of(true)),
        switchMap((exists) => throwError(() => (exists ? error : gone()))),
      );
    };
    subscriber.add(() => {
      if (life.isOpen) options.lost(leg, covered, life.sureUntil);
      if (!isGone) pool.giveBack(channel);
    });

    const pings$ = new Observable<void>((pings) => {
      pings.add(probe$.subscribe(pings));
      return repeating(scheduler, 0, () => {
        pings.next();
        return options.pingInterval;
      });
    });
    const frames$ = connect({
      ...options.connection,
      url: channel.connectUri,
      // Whoever has the address can listen.
      hidePath: true,
      // Left out by default, so that frames have their times from the platform's monotonic clock.
      ...(scheduler !== asyncScheduler && { scheduler }),
      ...(options.flow !== undefined && { flow: options.flow }),
      heartbeat: false,
      outgoing$: pings$.pipe(map(() => life.ping())),
      state: {
        next: (state) => {
          options.state.next(state);
          if (state.status === 'open') opened();
        },
      },
    }).pipe(
      tap(({ rawData }) => {
        const control = controlMessage(rawData);
        life.hear(control === 'pong');
        if (control === 'socket-closing') options.handOver(leg, 'socket-closing');
        else if (control === 'channel-gone') subscriber.error(gone());
      }),
      catchError(judge),
    );

    let wanted: ReadonlySet<string> = new Set();
    // The events of the other topics go on, where a change of topics fails.
    const pause = (error: unknown, failures: number) => {
      if (!life.isOpen || isNotFound(error)) return throwError(() => error);
      options.failed(error);
      return timer(Math.min(1_000 * 2 ** (failures - 1), LONGEST_PAUSE), scheduler);
    };
    const setTopics = () =>
      defer(() => subscribeTopics(channels, channel, wanted, scheduler)).pipe(retry({ delay: pause }));

    let connection: Subscription | undefined;
    const connected = () =>
      frames$.subscribe({
        next: (frame) => subscriber.next(frame),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    subscriber.add(
      options.topics$
        .pipe(
          tap((topics) => (wanted = topics)),
          latestMap(setTopics),
        )
        .subscribe({
          next: (refused) => {
            if (refused.length > 0) options.refused(refused);
            if (life.isOpen) cover();
            connection ??= connected();
            subscriber.add(connection);
          },
          error: (error: unknown) => subscriber.error(isNotFound(error) ? gone() : error),
        }),
    );
  });
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** **What is known of the life of one connection**, by the monotonic clock, in milliseconds. */
class LegLife {
  readonly #clock: TimestampProvider;
  /** When each ping was sent that is not answered yet. */
  readonly #pings: number[] = [];
  #heardAt: number | undefined;
  #sureUntil = 0;
  #hasHeard = false;

  constructor(clock: TimestampProvider) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#heardAt !== undefined;
  }

  /** Whether any message has come. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  /** For how long nothing has come, in milliseconds. */
  get silence(): number {
    return this.#clock.now() - (this.#heardAt ?? 0);
  }

  /**
   * What was sent until then has been delivered for sure: when the last ping was sent that has been answered. A message that comes tells
   * nothing, because it may have lain in the socket.
   */
  get sureUntil(): number {
    return this.#sureUntil;
  }

  begin(): void {
    this.#heardAt = this.#clock.now();
    this.#sureUntil = this.#heardAt;
  }

  /** Gives the ping that is to be sent now. */
  ping(): string {
    this.#pings.push(this.#clock.now());
    return PING;
  }

  hear(isPong: boolean): void {
    this.#heardAt = this.#clock.now();
    this.#hasHeard = true;
    if (isPong) this.#sureUntil = this.#pings.shift() ?? this.#sureUntil;
  }
}

/** Looks when the silence would be too long, and not at each message. A connection that never said anything, or not for twice as long, is dead. */
function watchSilence(
  leg: object,
  life: LegLife,
  { scheduler, silence, flow, handOver }: ChannelLegOptions,
  fail: (dead: TimeoutError) => void,
): Subscription {
  let releases = flow?.releases;
  return repeating(scheduler, silence, () => {
    const quiet = life.silence;
    // A socket that is not read says nothing, dead or alive.
    const wasHeld = flow !== undefined && (flow.held || flow.releases !== releases);
    releases = flow?.releases;
    if (quiet < silence) return silence - quiet;
    if (wasHeld) return silence;
    if (life.hasHeard && quiet < 2 * silence) handOver(leg, 'silence');
    else fail(new TimeoutError(`Nothing came for ${quiet} ms: the connection is dead.`, 'silence', silence));
    return silence;
  });
}

/** Its end may be put off meanwhile, each time that its topics are set. */
function watchExpiry(
  leg: object,
  channel: OwnChannel,
  { scheduler, renewBefore, handOver }: ChannelLegOptions,
): Subscription {
  const wait = () => Math.min(Math.max(channel.end - renewBefore - scheduler.now(), 0), LONGEST_DELAY);
  return repeating(scheduler, wait(), () => {
    if (wait() === 0) handOver(leg, 'expiry');
    return wait() || renewBefore;
  });
}
